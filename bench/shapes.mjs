// The shapes of repositories that took longest among public ones, out of thin air: the same commits, to the hash, for the
// same size. Histories are written in one go by `git fast-import`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { knativeService, random } from './repository.mjs'

const start = 1_700_000_000
const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`
const many = (count, part) => Array.from({ length: count }, (_, index) => part(index)).join('')

function git(folder, args, input) {
  const { status, stderr } = spawnSync('git', args, { cwd: folder, input, maxBuffer: 2 ** 30, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/** Feeds `git fast-import` in pieces: a history may be larger than a string can be. */
function imported(folder, commits) {
  mkdirSync(folder, { recursive: true })
  git(folder, ['init', '--quiet', '--initial-branch=main'])
  let [at, pieces, size] = [0, [], 0]
  const flush = () => {
    if (pieces.length > 0) git(folder, ['fast-import', '--quiet'], pieces.join(''))
    pieces = []
    size = 0
  }
  for (const files of commits) {
    // What a later run of the program adds begins where the branch is.
    const from = at > 0 && pieces.length === 0 ? 'from refs/heads/main^0\n' : ''
    pieces.push(
      `commit refs/heads/main\ncommitter a <a@example.com> ${start + at++ * 600} +0000\n${data(`change ${at}`)}${from}`,
    )
    for (const [name, text] of Object.entries(files)) {
      const piece = `M 100644 inline ${name}\n${data(text)}`
      pieces.push(piece)
      size += piece.length
    }
    if (size > 200_000_000) flush()
  }
  flush()
  git(folder, ['reset', '--quiet', '--hard', 'main'])
  // As servers pack them: fast-import makes each blob of the one before it, be that of another file.
  git(folder, ['repack', '-adfq', '--depth=50', '--window=10'])
}

function committed(folder) {
  git(folder, ['init', '--quiet', '--initial-branch=main'])
  git(folder, ['add', '--all'])
  git(folder, ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '--message', 'all'])
}

const untouched = (name, image) => `apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  namespace: apps
spec:
  template:
    spec:
      containers:
        - image: registry.example.com/${name}:${image}
          env:
            - name: LOG_LEVEL
              value: info
`

const configMap = (next, name, lines) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
${many(lines, (at) => `  key-${at}: "${next()}"\n`)}`

const fileFor = (name) => `apps/${name}/ksvc.yaml`
const fileOfTeam = (at) => `apps/team-${at}/all.yaml`
const fileOfApp = (at) => `clusters/team-${at % 40}/app-${at}/ksvc.yaml`

/**
 * Files that a robot bumps an image in, again and again; no Service sets traffic.
 *
 * @param isTogether Whether one commit changes all files.
 */
export function robotCommits(folder, { files, services, versions, bytes, isTogether = false }) {
  const next = random(1)
  const rest = Array.from({ length: files }, (_, at) => configMap(next, `settings-${at}`, Math.floor(bytes / 34)))
  const own = Array.from({ length: files }, () => [])
  for (let at = 0; at < services; at++) own[at % files].push({ name: `app-${at}`, image: 0 })
  const text = (at) =>
    [...own[at].map(({ name, image }) => untouched(name, `1.0.${String(image)}`)), rest[at]].join('---\n')
  imported(
    folder,
    (function* () {
      yield Object.fromEntries(own.map((_, at) => [fileOfTeam(at), text(at)]))
      for (let version = 1; version < versions; version++) {
        const changed = own.map((ofFile, at) => {
          ofFile[version % ofFile.length].image = version
          return { [fileOfTeam(at)]: text(at) }
        })
        if (isTogether) yield Object.assign({}, ...changed)
        else yield* changed
      }
    })(),
  )
}

const movedTo = (name, revision) => `  traffic:
    - revisionName: ${name}-${String(revision).padStart(5, '0')}
      percent: 90
    - latestRevision: true
      percent: 10
`

/** A robot that moves most of the traffic to the revision before, with each image that it bumps. */
export function movingRobot(folder, { services, versions }) {
  const names = Array.from({ length: services }, (_, at) => `app-${at}`)
  imported(
    folder,
    (function* () {
      yield Object.fromEntries(names.map((name) => [fileFor(name), untouched(name, '1.0.0')]))
      for (let version = 1; version < versions; version++) {
        const moved = (name) => `${untouched(name, `1.0.${version}`)}${movedTo(name, version)}`
        yield Object.fromEntries(names.map((name) => [fileFor(name), moved(name)]))
      }
    })(),
  )
}

/** CRDs of another project as they are vendored, of so many bytes each, beside one Service; `crds: 0` leaves them out. */
export function vendoredCrds(folder, { crds, bytes }) {
  const next = random(2)
  mkdirSync(path.join(folder, 'crds'), { recursive: true })
  writeFileSync(path.join(folder, 'shop.yaml'), untouched('shop', '1.0'))
  const field = (at) => `                field${at}:
                  description: Field ${next()} of a resource, in the words of serving.kserve.io/v1beta1 and others.
                  properties:
                    name:
                      type: string
                    optional:
                      type: boolean
                  type: object
`
  for (let at = 0; at < crds; at++) {
    const fields = many(Math.floor(bytes / 300), field)
    writeFileSync(
      path.join(folder, 'crds', `crd-${at}.yaml`),
      `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  annotations:
    controller-gen.kubebuilder.io/version: v0.16.2
  name: inferenceservices${at}.serving.kserve.io
spec:
  group: serving.kserve.io
  names:
    kind: InferenceService
    listKind: InferenceServiceList
    plural: inferenceservices
    singular: inferenceservice
  scope: Namespaced
  versions:
    - name: v1beta1
      schema:
        openAPIV3Schema:
          properties:
            spec:
              properties:
${fields}              type: object
          type: object
      served: true
      storage: true
`,
    )
  }
  committed(folder)
}

/** Rollouts of many Services, a file each, one commit a change. */
export function manyRollouts(folder, { services, commits }) {
  const next = random(3)
  const texts = Array.from({ length: services }, (_, at) => knativeService(next, `app-${at}`, `team-${at % 40}`))
  const changed = (text) => {
    const share = Math.floor(next() * 101)
    const shares = [share, 100 - share]
    return text.replaceAll(/percent: \d+/g, () => `percent: ${shares.shift()}`)
  }
  imported(
    folder,
    (function* () {
      yield Object.fromEntries(texts.map((text, at) => [fileOfApp(at), text]))
      for (let commit = 1; commit < commits; commit++) {
        const at = Math.floor(next() * services)
        texts[at] = changed(texts[at])
        yield { [fileOfApp(at)]: texts[at] }
      }
    })(),
  )
}

/** So many documents in one file, Services all, and a second commit that moves the traffic of the first. */
export function manyDocuments(folder, { documents }) {
  const next = random(4)
  const services = Array.from({ length: documents }, (_, at) => knativeService(next, `app-${at}`, 'apps'))
  const moved = services.with(0, services[0].replaceAll(/percent: \d+/g, 'percent: 50'))
  imported(folder, [{ 'all.yaml': services.join('---\n') }, { 'all.yaml': moved.join('---\n') }])
}

/** Services of one file that is rendered anew, again and again: each version has another line in a tenth of them. */
export function renderedAgain(folder, { services, versions }) {
  const next = random(5)
  const texts = Array.from({ length: services }, (_, at) => knativeService(next, `app-${at}`, 'apps'))
  imported(
    folder,
    (function* () {
      yield { 'all.yaml': texts.join('---\n') }
      for (let version = 1; version < versions; version++) {
        for (let changed = 0; changed < services / 10; changed++) {
          const at = Math.floor(next() * services)
          texts[at] = texts[at].replace('spec:\n', `spec:\n  # render ${version}\n`)
        }
        yield { 'all.yaml': texts.join('---\n') }
      }
    })(),
  )
}

const imageOf = (name) => `- name: registry.example.com/${name}\n  newTag: "2"\n`
const patchOf = (name) => `- target: {kind: Service, name: ${name}}
  patch: |-
    - op: add
      path: /metadata/labels
      value: {team: ${name}}
`

/** A base of Services, and an overlay with an image and a patch for each of them. */
export function oneRoot(folder, { services }) {
  const next = random(6)
  const names = Array.from({ length: services }, (_, at) => `app-${at}`)
  const base = names.map((name) => [`base/${name}.yaml`, knativeService(next, name, 'apps')])
  const overlay = (most) =>
    `resources: [../base]\nimages:\n${names.slice(0, most).map(imageOf).join('')}patches:\n${names.map(patchOf).join('')}`
  imported(folder, [
    {
      ...Object.fromEntries(base),
      'base/kustomization.yaml': `resources: [${names.map((name) => `${name}.yaml`).join(', ')}]\n`,
      'prod/kustomization.yaml': overlay(services - 1),
    },
    { 'prod/kustomization.yaml': overlay(services) },
  ])
}

/** So many files, one in a hundred a Service, and a second commit that moves the traffic of one. */
export { writeRepository as manyFiles } from './repository.mjs'
