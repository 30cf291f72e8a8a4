import type { Spot } from '../manifest/manifest.js'
import { parseImage } from '../manifest/names.js'
import type { Path } from '../text/path.js'
import type { Json } from '../yaml/json.js'
import { gvkOf } from './built-object.js'
import { changedAt, eachItem, type FieldChange, type FieldSpec, textOf } from './field-specs.js'
import { type Kustomization, listItems } from './kustomization.js'
import { matcherFor } from './selector-text.js'
import { isRefusal, type MapTree, type Refusal, type Tree, withEntry } from './tree.js'

/** The members of an entry of `images`, the one that shows most first. */
export const imageMembers = ['newTag', 'digest', 'newName', 'tagSuffix'] as const

/** An image after the `images` of kustomizations, and the last entry that had a say in it. */
export type NamedImage = { readonly image: string; readonly by?: { readonly at: Kustomization; readonly path: Path } }

/**
 * What the `images` of kustomizations, one after the other, make of an image. They come after the patches of their own
 * kustomization, so whatever a file says of the tag is in vain beside them.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/imagetag/updater.go.
 */
export function renamedImage(image: string, kustomizations: readonly Kustomization[]): NamedImage {
  let renamed: NamedImage = { image }
  for (const at of kustomizations)
    for (const { item, path } of listItems(at.value, 'images')) {
      const name = textOf(item, 'name')
      const key = imageMembers.find((one) => textOf(item, one) !== '')
      if (name === '' || key === undefined || meaningOf(name)(imageIn(renamed.image)) !== true) continue
      renamed = { image: imageText(renamed.image, item), by: { at, path: [...path, key] } }
    }
  return renamed
}

/** Whether the kustomization puts an image of another name in the place of this one. */
export function replacesImage(kustomization: Kustomization, image: string): boolean {
  return parseImage(renamedImage(image, [kustomization]).image).name !== parseImage(image).name
}

/** An image of an object. */
type Image = {
  readonly text: string
  /** Of nothing but visible ASCII: every character of it is one to Go as well. */
  readonly isPlain: boolean
}

function imageIn(text: string): Image {
  return { text, isPlain: plainText.test(text) }
}

/** Whether an entry means an image; undefined where its `name` is no expression to Go. */
type Meaning = (image: Image) => boolean | undefined

/** What the `name` of an entry means: an expression for all in front of the tag. */
function meaningOf(name: string): Meaning {
  const isDotted = dottedName.test(name)
  return ({ text, isPlain }) => {
    if (isDotted && isPlain) return beginsAs(name, text) && tagAndDigest.test(text.slice(name.length))
    return matcherFor(`^${name}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)?.test(text)
  }
}

const plainText = /^[!-~]+$/
/** An expression of nothing but characters that stand for themselves, and dots. */
const dottedName = /^[\w./:-]+$/
const tagAndDigest = /^(?::[\w.{}-]*)?(?:@sha256:[\w.{}-]*)?$/

/** Whether a dotted name fits the beginning of a plain image. Most images of a repository begin alike, so it goes backwards. */
function beginsAs(name: string, image: string): boolean {
  for (let at = name.length - 1; at >= 0; at--)
    if (name[at] !== image[at] && (name[at] !== '.' || at >= image.length)) return false
  return true
}

/** The image as an entry makes it: a new tag drops the digest, and a new digest the tag; a suffix is for what keeps its tag. */
function imageText(image: string, entry: Json): string {
  const present = split(image)
  const name = textOf(entry, 'newName') || present.name
  const [newTag, newDigest, suffix] = [textOf(entry, 'newTag'), textOf(entry, 'digest'), textOf(entry, 'tagSuffix')]
  let { tag, digest } = present
  if (newTag !== '' || newDigest !== '') [tag, digest] = [newTag, newDigest]
  else if (suffix !== '') [tag, digest] = [tag + suffix, '']
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`
}

/** Source: sigs.k8s.io/kustomize/api/internal/image/image.go Split. */
function split(image: string): { readonly name: string; readonly tag: string; readonly digest: string } {
  const slash = image.indexOf('/')
  const from = slash > 0 ? slash : 0
  const [at, colon] = [image.indexOf('@', from), image.indexOf(':', from)]
  if (at < 0 && colon < 0) return { name: image, tag: '', digest: '' }
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) }
  if (at < 0) return { name: image.slice(0, colon), tag: image.slice(colon + 1), digest: '' }
  return { name: image.slice(0, colon), tag: image.slice(colon + 1, at), digest: image.slice(at + 1) }
}

/**
 * What an entry of `images` makes of objects: first of every list of containers, wherever it stands, then of the fields
 * that are listed. A suffix comes twice where both reach an image.
 *
 * Source: sigs.k8s.io/kustomize/api/filters/imagetag.
 */
export function imageChange(entry: Json, fields: readonly FieldSpec[], spot: Spot): (tree: MapTree) => Tree | Refusal {
  const isMeant = meaningOf(textOf(entry, 'name'))
  const set = (field: Tree): Tree | Refusal => retagged(field, { entry, isMeant, spot })
  return (tree) => {
    const images = imagesOf(tree, fields, spot)
    if (images?.every((image) => isMeant(image) === false) === true) return tree
    return eachImage(tree, fields, { set, spot })
  }
}

/** Undefined where an entry that means none of them still changes the object, or is refused. */
type Images = readonly Image[] | undefined
const known = new WeakMap<MapTree, { readonly fields: readonly FieldSpec[]; readonly images: Images }>()

/** The images of an object: it is looked through once for hundreds of entries, most of which mean another one's. */
function imagesOf(tree: MapTree, fields: readonly FieldSpec[], spot: Spot): Images {
  const before = known.get(tree)
  if (before?.fields === fields) return before.images
  const images = gvkOf(tree).kind === 'CustomResourceDefinition' ? [] : imagesIn(tree, fields, spot)
  known.set(tree, { fields, images })
  return images
}

function imagesIn(tree: MapTree, fields: readonly FieldSpec[], spot: Spot): Images {
  const found: Image[] = []
  const set = (field: Tree): Tree | Refusal => {
    if (field.kind !== 'scalar') return notText
    found.push(imageIn(field.text))
    return field
  }
  return eachImage(tree, fields, { set, spot }) === tree ? found : undefined
}

function eachImage(tree: MapTree, fields: readonly FieldSpec[], change: FieldChange): Tree | Refusal {
  let after = inContainers(tree, change.set)
  for (const field of fields) {
    if (isRefusal(after)) return after
    if (after.kind === 'map') after = changedAt(after, field, change)
  }
  return after
}

function inContainers(tree: Tree, set: (field: Tree) => Tree | Refusal): Tree | Refusal {
  if (tree.kind === 'scalar') return tree
  if (tree.kind === 'list') return eachItem(tree, (item) => inContainers(item, set))
  let map = tree
  for (const [key, { value }] of tree.entries) {
    const inside = inContainers(value, set)
    if (isRefusal(inside)) return inside
    const isList = (key === 'containers' || key === 'initContainers') && inside.kind === 'list'
    const after = isList ? eachItem(inside, (item) => withField(item, set)) : inside
    if (isRefusal(after)) return after
    if (after !== value) map = withEntry(map, key, after)
  }
  return map
}

function withField(container: Tree, set: (field: Tree) => Tree | Refusal): Tree | Refusal {
  if (container.kind !== 'map') return { refused: 'a container is not a mapping', said: 'wrong node kind' }
  const image = container.entries.get('image')?.value
  const after = image && set(image)
  return after === undefined || after === image || isRefusal(after)
    ? after && isRefusal(after)
      ? after
      : container
    : withEntry(container, 'image', after)
}

const notText: Refusal = { refused: '`image` is not a string', said: 'wrong node kind' }

function retagged(
  field: Tree,
  { entry, isMeant, spot }: { readonly entry: Json; readonly isMeant: Meaning; readonly spot: Spot },
): Tree | Refusal {
  if (field.kind !== 'scalar') return notText
  const answer = isMeant(imageIn(field.text))
  if (answer === undefined) return { refused: `\`name\` is \`${textOf(entry, 'name')}\`, not a regular expression` }
  if (!answer) return field
  const text = imageText(field.text, entry)
  return text === field.text ? field : { ...field, text, tag: '', spot }
}
