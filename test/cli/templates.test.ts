// Templates of manifests are known by their names: that one makes a Service, and is not checked, is said once a file.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { service } from './manifests.js'
import { Sandbox } from './sandbox.js'

const shop = service('  traffic:\n    - latestRevision: true\n      percent: 100\n', { name: 'shop' })
const files = {
  'a.yaml.tpl': shop,
  'deep/b.yml.tmpl': shop,
  'c.yaml.j2': shop,
  'd.json.gotmpl': shop,
  'e.yaml.erb': shop,
  'other.yaml.tpl': 'a: b\n',
  'script.sh.tpl': shop,
  'large.yaml.tpl': `${shop}# ${'x'.repeat(9 * 1024 * 1024)}\n`,
  'shop.yaml': shop,
}
const expected = ['a.yaml.tpl', 'c.yaml.j2', 'd.json.gotmpl', 'deep/b.yml.tmpl', 'e.yaml.erb']

function told(box: Sandbox, ...args: readonly string[]): readonly string[] {
  const { stdout, stderr } = box.run(args)
  const lines = [...(stdout + stderr).matchAll(/^(\S+?):1:1: note: not checked: this file .*\[KN103 \S+\]$/gm)]
  return lines.map(([, file = '']) => file).toSorted()
}

test('in a repository, tracked or new, and in a folder without one', () => {
  const box = Sandbox.committed(files)
  assert.equal(told(box, 'validate'), expected)
  assert.equal(told(box, 'status'), expected)
  assert.equal(told(box, 'validate', 'deep'), ['deep/b.yml.tmpl'])
  assert.equal(told(box, 'validate', 'shop.yaml'), [], 'nothing was searched')
  box.write({ 'new.yaml.tpl': shop, 'ignored.yaml.tpl': shop, '.gitignore': 'ignored.*\n' })
  assert.equal(told(box, 'validate'), [...expected, 'new.yaml.tpl'])
  const plain = new Sandbox()
  plain.write({ ...files, 'ignored.yaml.tpl': shop, '.gitignore': 'ignored.*\n' })
  assert.equal(told(plain, 'validate'), expected)
})

test.run()
