// What kustomize makes of a folder, by the real one inside kubectl.
import { spawnSync } from 'node:child_process'

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/** Builds a folder. Freeing memory would cost such a short run a third of its time. */
export function kustomize(folder: string): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, GOGC: 'off' }
  return spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8', env })
}

/** What kubectl reads in a text, without a cluster; undefined where it refuses one of its documents. */
export function readByKubectl(text: string): readonly unknown[] | undefined {
  const found = spawnSync('kubectl', ['label', '--local', '-f', '-', 'seen=yes', '-o', 'json'], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 1e9,
    env: { ...process.env, GOGC: 'off' },
  })
  if (found.status !== 0) return undefined
  if (found.stdout.trim() === '') return []
  const objects = found.stdout.split(/(?<=^\})\n(?=\{)/m)
  return objects.map((one) => JSON.parse(one) as unknown)
}
