/**
 * Stands in for the package `string-width` in the bundle. yargs measures its help with it, and building its emoji
 * tables takes longer than all of this program's own work; the help here is plain text.
 */
export default function stringWidth(text: string): number {
  return text.length
}
