// Random trees, built by this tool and by the real kustomize; `npm run soak` does more of them.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { hasKubectl } from './kubectl.js'
import { soakBuilds } from './soak/builds.js'

const test = suite('builds soak')

if (hasKubectl)
  test('random trees are built as kubectl builds them', async () => {
    const { counts, lines } = await soakBuilds(60, 1)
    assert.equal(lines, [])
    assert.ok(counts.equal > 40, `only ${counts.equal} are equal`)
  })
else test('skipped: there is no kubectl to compare with', () => {})

test.run()
