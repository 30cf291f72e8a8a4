import path from 'node:path'

/** The names that kustomize looks for in a folder. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Whether a file is a kustomization. */
export function isKustomization(file: string): boolean {
  return kustomizationNames.some((name) => name === path.basename(file))
}
