// Commits that a cluster refuses, and commits that it may never see: what `check` makes of the head after them.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const test = suite('refused')

type Found = {
  readonly code: string
  readonly severity: string
  readonly line: number
  readonly message: string
  readonly help?: string
}

/** `v1=100 v2=0:tag` as a manifest: the template's own name (or ''), its image, its targets. */
function at(revision: string, image: string, ...targets: readonly string[]): string {
  const lines = targets.map((target) => {
    const [, to = '', percent = '', tag] = /^(\S+)=(\d+)(?::(\S+))?$/.exec(target) ?? []
    return `    - revisionName: shop-${to}\n      percent: ${percent}\n${tag === undefined ? '' : `      tag: ${tag}\n`}`
  })
  const traffic = lines.length === 0 ? '' : `  traffic:\n${lines.join('')}`
  const name = revision === '' ? '' : `shop-${revision}`
  return service(traffic, { revision: name, name: 'shop' }).replace('shop:1.0', `shop:${image}`)
}

class Repository extends Sandbox {
  private number = 0

  /** A commit for each state of the file, the oldest first; undefined removes it. */
  static of(...states: readonly (string | undefined)[]): Repository {
    const box = new Repository()
    box.git('init', '--quiet', '--initial-branch', 'main')
    box.write({ 'README.md': 'x' })
    box.commit()
    for (const state of states) box.put(state)
    return box
  }

  put(state: string | undefined): void {
    if (state === undefined) this.git('rm', '--quiet', 'shop.yaml')
    else this.write({ 'shop.yaml': state })
    this.commit()
  }

  override commit(): void {
    this.git('add', '--all')
    const date = `${1_700_000_000 + this.number++ * 3600} +0000`
    const options = { environment: { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date } }
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com']
    this.gitWith(options, ...who, 'commit', '--quiet', '--allow-empty', '--message', 'state')
  }

  short(ref: string): string {
    return this.git('rev-parse', ref).slice(0, 7)
  }

  found(since: string, ...args: readonly string[]): readonly Found[] {
    const { stdout, stderr } = this.run(['check', '--since', since, ...args, '--format', 'json'])
    assert.is(stderr, '')
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Found[] }
    return diagnostics.filter(({ code }) => code.startsWith('KN5'))
  }

  codes(since: string, ...args: readonly string[]): string {
    return this.found(since, ...args)
      .map(({ code, severity }) => `${code} ${severity}`)
      .join(', ')
  }
}

const noted = (text: string, who: string): string =>
  text.replace('spec:\n', `  annotations:\n    serving.knative.dev/creator: ${who}\nspec:\n`)

const [first, changed] = [at('v1', '1.0', 'v1=100'), at('v1', '2.0', 'v1=100')]

test('a template that was refused is refused with every later commit, and the commit that brought it is named', () => {
  const box = Repository.of(first, changed)
  assert.is(box.codes('HEAD~1'), 'KN501 error')
  assert.not.match(box.found('HEAD~1')[0]?.message ?? '', /since/)
  const began = box.short('HEAD')
  for (const later of [at('v1', '2.0', 'v1=100:now'), `# a comment\n${at('v1', '2.0', 'v1=100:now')}`]) {
    box.put(later)
    const [finding, ...more] = box.found('HEAD~1')
    assert.equal(more, [])
    assert.is(finding?.code, 'KN501')
    assert.is(finding?.severity, 'error')
    assert.match(
      finding?.message ?? '',
      new RegExp(
        `^.spec\\.template\\.metadata\\.name. stays .shop-v1., but the template changes since ${began}: \\S+image. differs$`,
      ),
    )
    assert.match(finding?.help ?? '', new RegExp(`or restore the template from before ${began}$`))
    assert.is(box.run(['check', '--since', 'HEAD~1']).status, 1)
  }
})

test('putting the template back is admitted, if only refused commits came in between', () => {
  const box = Repository.of(first, changed)
  box.put(first)
  assert.is(box.codes('HEAD~1'), '')
  assert.is(box.codes('HEAD~2'), '')
  box.put(changed)
  box.put(at('v1', '2.0', 'v1=100:now'))
  box.put(at('v1', '1.0', 'v1=100:now'))
  assert.is(box.codes('HEAD~1'), '', 'in the commit that also moves traffic')
  box.put(at('v2', '2.0', 'v1=100', 'v2=0:next'))
  assert.is(box.codes('HEAD~1'), '', 'and the rollout goes on')
})

test('what was admitted in between counts: v1, v2, another v1, and the first v1 again', () => {
  const box = Repository.of(first, at('v2', '2.0', 'v1=0', 'v2=100'))
  box.put(at('v1', '3.0', 'v1=0', 'v2=100'))
  assert.is(box.codes('HEAD~1'), 'KN510 warning')
  box.put(at('v1', '1.0', 'v1=0', 'v2=100'))
  assert.is(box.codes('HEAD~1'), 'KN501 error')
  assert.is(box.codes('HEAD~2'), 'KN501 warning', 'v2 to v1 is admitted, if the commit in between is not synced')
})

test('a route that is frozen stays so, whatever a later commit moves', () => {
  const box = Repository.of(first, at('v2', '2.0', 'v1=0', 'v2=100'), at('v1', '3.0', 'v1=0', 'v2=100'))
  box.put(at('v1', '3.0', 'v1=50', 'v2=50'))
  assert.match(box.codes('HEAD~1'), /KN510 warning/)
  box.put(at('v2', '2.0', 'v1=0', 'v2=100'))
  assert.is(box.codes('HEAD~1'), '', 'template and name go together again')
})

test('a version with an error of its own is refused as a whole', () => {
  const wrong = at('v2', '2.0', 'v1=100', 'v2=10:next')
  const box = Repository.of(first, wrong)
  box.put(at('v2', '3.0', 'v1=100', 'v2=0:next'))
  assert.is(box.codes('HEAD~1'), '', 'no cluster has v2 yet')
  const taken = Repository.of(first, at('v2', '2.0', 'v1=100', 'v2=0:next'))
  taken.put(at('v2', '3.0', 'v1=100', 'v2=0:next'))
  assert.is(taken.codes('HEAD~1'), 'KN501 error')
  const ignored = wrong.replace('  traffic:', '  # kn-rollout: ignore KN301 -- this cluster takes it\n  traffic:')
  const quiet = Repository.of(first, ignored)
  quiet.put(at('v2', '3.0', 'v1=100', 'v2=0:next'))
  assert.is(quiet.codes('HEAD~1'), 'KN501 error', 'what users ignore is taken by their cluster')
})

test('one sync makes one generated number', () => {
  const box = Repository.of(at('', '1.0', '00001=100'))
  box.put(at('', '2.0', '00001=100'))
  box.put(at('', '3.0', '00001=100', '00003=0:next'))
  const [finding, ...more] = box.found('HEAD~2')
  assert.equal(more, [])
  assert.is(`${finding?.code} ${finding?.severity}`, 'KN511 warning')
  assert.match(
    finding?.message ?? '',
    /^`shop-00003` is built only by a commit in between: no traffic moves until it exists \(`RevisionMissing`\) \(if only the last commit is synced\)/,
  )
  assert.match(finding?.help ?? '', /merge the template that builds `shop-00003` first/)
  assert.equal(box.found('HEAD~2', '--head', 'HEAD'), [finding], 'also of a commit')
  assert.is(box.codes('HEAD~1'), '', 'by itself the last one is right')
  const near = Repository.of(at('', '1.0', '00001=100'))
  near.put(at('', '2.0', '00001=100', '00002=0:next'))
  near.put(at('', '2.0', '00001=50', '00002=50:next'))
  assert.not.match(near.codes('HEAD~2'), /KN511/, 'one release with its stages may be merged at once')
})

test('an explicit name in between is never built by one sync', () => {
  const box = Repository.of(first, at('v2', '2.0', 'v1=100', 'v2=0:next'))
  box.put(at('v3', '3.0', 'v1=100', 'v2=0:next'))
  const finding = box.found('HEAD~2').find(({ code }) => code === 'KN511')
  assert.match(
    finding?.message ?? '',
    /^`shop-v2` is built only by a commit in between: no traffic moves until it exists \(`RevisionMissing`\) \(if only the last commit is synced\)/,
  )
  assert.is(box.codes('HEAD~1'), '')
})

test('a branch may be fixed up: a refused commit in between is no finding by itself', () => {
  const box = Repository.of(first, changed)
  box.put(at('v2', '2.0', 'v1=100', 'v2=0:next'))
  assert.is(box.codes('HEAD~2'), '')
  const amended = Repository.of(first, at('v2', '2.0', 'v1=100', 'v2=0:next'))
  amended.put(at('v2', '2.1', 'v1=100', 'v2=0:next'))
  const [finding, ...more] = amended.found('HEAD~2')
  assert.equal(more, [])
  assert.is(`${finding?.code} ${finding?.severity}`, 'KN501 warning')
  assert.match(
    finding?.message ?? '',
    /`spec\.template\.metadata\.name` stays `shop-v2`, but the template changes: `spec\.containers\[0\]\.image` differs \(if each commit is synced separately\)/,
  )
  assert.is(amended.run(['check', '--since', 'HEAD~2']).status, 0)
  assert.is(amended.codes('HEAD~1'), 'KN501 error')
})

test('commits that are not yet made count as the last one', () => {
  const box = Repository.of(at('', '1.0', '00001=100'), at('', '2.0', '00001=100'))
  box.write({ 'shop.yaml': at('', '3.0', '00001=100', '00003=0:next') })
  assert.match(box.found('HEAD~1')[0]?.message ?? '', /\(if only the last commit is synced\)$/)
  assert.equal(box.found('HEAD'), [])
})

test('what stood on a branch when the base was merged into it is a commit of its own', () => {
  const box = Repository.of(first)
  box.git('switch', '--quiet', '--create', 'side')
  box.put(at('v2', '1.9', 'v1=100', 'v2=0:next'))
  box.put(at('v2', '2.0', 'v1=100', 'v2=0:next'))
  box.git('switch', '--quiet', 'main')
  box.write({ 'README.md': 'y' })
  box.commit()
  box.git('switch', '--quiet', 'side')
  box.git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'merge', '--quiet', '--no-edit', 'main')
  assert.is(box.codes('main'), '', 'of the commits before that, none comes after the base')
  box.put(at('v2', '2.1', 'v1=100', 'v2=0:next'))
  assert.is(box.codes('main'), 'KN501 warning')
})

test('a Service that was removed begins anew', () => {
  const box = Repository.of(first, at('v2', '2.0', 'v1=0', 'v2=100'), undefined, at('v2', '2.0', 'v2=100'))
  box.put(at('v1', '3.0', 'v1=0', 'v2=100'))
  assert.is(box.codes('HEAD~1'), '', 'nobody has v1 any more')
  const numbers = Repository.of(at('', '1.0', '00001=100'), at('', '2.0', '00001=100'), undefined, at('', '2.0'))
  numbers.put(at('', '3.0', '00001=100', '00003=0:next'))
  assert.match(numbers.codes('HEAD~1'), /KN511 warning/)
  numbers.put(at('', '3.0', '00001=100', '00002=0:next'))
  assert.not.match(numbers.codes('HEAD~1'), /KN511/)
})

test('notes on users that were edited stay refused, too', () => {
  const box = Repository.of(noted(first, 'alice'), noted(first, 'bob'))
  assert.is(box.codes('HEAD~1'), 'KN502 error')
  box.put(noted(at('v1', '1.0', 'v1=100:now'), 'bob'))
  assert.is(box.codes('HEAD~1'), 'KN502 error')
  box.put(noted(at('v1', '1.0', 'v1=100:now'), 'alice'))
  assert.is(box.codes('HEAD~1'), '')
})

test('a Service that moves to another file in between is the same one there', () => {
  const box = Repository.of(first)
  box.git('mv', 'shop.yaml', 'moved.yaml')
  box.commit()
  box.write({ 'moved.yaml': at('v2', '2.0', 'v1=100', 'v2=0:next') })
  box.commit()
  box.write({ 'moved.yaml': at('v2', '2.1', 'v1=100', 'v2=0:next') })
  box.commit()
  assert.is(box.codes('HEAD~3'), 'KN501 warning')
  assert.is(box.codes('HEAD~1'), 'KN501 error')
})

test.run()
