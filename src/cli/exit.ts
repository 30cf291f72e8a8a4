import type { Outcome } from '../pipeline/outcome.js'

/**
 * 0 fine, 1 errors (warnings too when strict, pending changes too when checking), 2 a configuration or a live object that is not valid, or a stage that
 * there is not.
 * 2 is usage elsewhere, too, and 3 the outside world.
 */
export function exitCode(
  { diagnostics, changes }: Pick<Outcome, 'diagnostics' | 'changes'>,
  options: { readonly strict: boolean; readonly check?: boolean },
): 0 | 1 | 2 {
  if (diagnostics.some(({ code }) => code === 'KN191' || code === 'KN192' || code === 'KN424')) return 2
  const fails = diagnostics.some(({ severity }) => severity === 'error' || (options.strict && severity === 'warning'))
  return fails || (options.check === true && changes.length > 0) ? 1 : 0
}
