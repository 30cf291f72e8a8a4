import { nextTurn } from '../../io/turn.js'
import { hasFixes } from '../../report/formats.js'
import { diagnosticsText, fixesText, hasLooked, unseenText, validatedText } from '../../report/text.js'
import type { Outcome, Request } from '../../pipeline/request.js'
import type { SourceFile } from '../../text/source.js'
import { type Loaded, refusePiped, withUnread } from '../load.js'
import type { ValidateOptions } from '../options.js'
import {
  destinations,
  handedOn,
  hasReader,
  keepManifests,
  patches,
  report,
  unwrittenText,
  writeChanges,
  writtenText,
} from '../reports.js'
import { announced, coloursFor, exitCode, say, type Terminal, UsageError } from '../terminal.js'
import { openWorkspace, type Workspace } from '../workspace.js'

/** Shows what `validate --fix` mends as a patch, or writes it, and reports what is left. */
async function validateAndFix(options: ValidateOptions, terminal: Terminal): Promise<number> {
  if (options.write && options.check) throw new UsageError('--check and --write cannot be combined')
  const wanted = destinations(options, terminal)
  const [{ loaded, request, changed }, { fix }] = await Promise.all([
    openWorkspace(options, terminal, { scope: { isWhole: true }, wanted }),
    import('../../pipeline/fix.js'),
  ])
  if (options.write) refusePiped(loaded)
  const fixed = fix(loaded.sources, await asked(options, { loaded, request }, terminal), options.write)
  const outcome = withUnread(fixed, loaded)
  keepManifests(wanted, outcome, loaded)
  if (options.write) await writeChanges(outcome, loaded, terminal)
  const isRead = hasReader(wanted)
  const colours = coloursFor(terminal.stderr, terminal, options.color)
  if (isRead) await say(terminal, fixesText(outcome, colours) + diagnosticsText(outcome, colours))
  const own = options.write
    ? ({ text: handedOn, textIs: 'manifest' } as const)
    : ({ text: patches, textIs: 'patch' } as const)
  await report(outcome, wanted, { ...options, ...changed }, terminal, own)
  if (isRead && !options.write) await say(terminal, unseenText(outcome, colours))
  if (isRead && hasLooked(outcome))
    await say(terminal, (options.write ? writtenText(outcome) : unwrittenText(outcome)) + validatedText(outcome))
  return exitCode(outcome, options)
}

/** Judges the Services of the files. Nothing is written but reports, unless they are to be mended. */
export async function runValidate(options: ValidateOptions, terminal: Terminal): Promise<number> {
  if (options.fix) return validateAndFix(options, terminal)
  for (const flag of ['write', 'check'] as const)
    if (options[flag]) throw new UsageError(`--${flag} needs --fix: \`validate\` alone changes nothing`)
  const wanted = destinations(options, terminal)
  let early: ((source: SourceFile) => void) | undefined
  const opening = { scope: { isWhole: true }, wanted, onEarly: (source: SourceFile) => early?.(source) }
  const [{ loaded, request, changed }, { plan }] = await Promise.all([
    openWorkspace(options, terminal, opening),
    // Git is to run already when this thread is busy loading the rules.
    nextTurn().then(async () => {
      const [planning, { readAhead }] = await Promise.all([
        import('../../pipeline/plan.js'),
        import('../../manifest/find.js'),
      ])
      early = readAhead
      return planning
    }),
  ])
  const whole = await asked(options, { loaded, request }, terminal)
  const withEdits = wanted.some(({ format }) => hasFixes(format))
  const judge = (): Promise<Outcome> => validated(plan, { loaded, request: whole }, withEdits)
  const outcome = await announced('validating', loaded, terminal, judge)
  keepManifests(wanted, outcome, loaded)
  await report(outcome, wanted, { ...options, ...changed }, terminal)
  if (hasReader(wanted) && hasLooked(outcome)) await say(terminal, validatedText(outcome))
  return exitCode(outcome, options)
}

/** What there is to say of what was opened and, where that is wanted, how it would be fixed. */
export async function validated(
  plan: (files: readonly SourceFile[], request: Request) => Outcome,
  { loaded, request }: Pick<Workspace, 'loaded' | 'request'>,
  withEdits: boolean,
): Promise<Outcome> {
  const judged = plan(loaded.sources, request)
  const isFixable = judged.diagnostics.some(({ remedy }) => remedy)
  return withUnread(isFixable ? await withFixes(judged, loaded.sources, request, withEdits) : judged, loaded)
}

/** The request with what the real kustomize builds, where that is asked for. */
async function asked(
  { kustomize }: Pick<ValidateOptions, 'kustomize'>,
  { loaded, request }: { readonly loaded: Loaded; readonly request: Request },
  terminal: Terminal,
): Promise<Request> {
  if (!kustomize) return request
  const { withRealBuilds } = await import('../built.js')
  return { ...request, ...(await withRealBuilds(loaded, terminal)) }
}

/** The outcome with the number of findings that `--fix` would fix and, where a report shows them, the fixes. */
async function withFixes(
  judged: Outcome,
  sources: readonly SourceFile[],
  request: Request,
  withEdits: boolean,
): Promise<Outcome> {
  const { countFixes, propose } = await import('../../pipeline/fix.js')
  const found = withEdits ? propose(sources, judged, request) : judged
  return { ...found, fixable: countFixes(sources, request) }
}
