/** The manifests that show a code: one that has the fault, one that is fine. Only `explain` loads them. */

export { default as examples, type Example } from '#validators/examples.mjs'
