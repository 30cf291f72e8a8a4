/** What kustomize calls its files, in the order in which it looks for them. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Whether a file, named with `/` between folders, is a kustomization. */
export function isKustomizationFile(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1)
  return kustomizationNames.some((one) => one === name)
}
