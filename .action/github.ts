// A step of GitHub Actions: inputs, annotations, outputs, the summary, and the comment on the pull request.
import { randomUUID } from 'node:crypto'
import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { type Api, ApiFailure, ask, listIn, partsOf, textIn } from './api.js'
import { commentOf, type Comments, type Found, keepComment, type Written } from './comment.js'
import {
  choice,
  countOf,
  countsText,
  type Environment,
  type Finished,
  type Input,
  plural,
  type Report,
  runProgram,
  type Wish,
  WrongInput,
  wishOf,
} from './program.js'

/** Runs the step and gives back its exit code. */
export async function runOnGithub(environment: Environment): Promise<number> {
  const input: Input = (name) => (environment[`INPUT_${name.toUpperCase()}`] ?? '').trim()
  const event = eventOf(environment)
  try {
    const isCommenting = choice(input, 'comment', ['true', 'false']) === 'true'
    const annotations = choice(input, 'annotations', ['commands', 'matcher', 'none'])
    const wish = wishOf(input, event.base)
    const finished = runShown(wish, annotations, environment)
    const comment = isCommenting ? await commented(wish, finished, event, { input, environment }) : ''
    if (finished.reports) report(wish, finished.reports, comment, { input, environment })
    return finished.status
  } catch (error) {
    if (!(error instanceof WrongInput)) throw error
    console.log(`::error title=kn-rollout::${error.message}`)
    return 2
  }
}

type Step = { readonly input: Input; readonly environment: Environment }

/** What an event names. */
type Event = {
  /** What a change is compared with; '' where the event is about none. */
  readonly base: string
  /** The pull request, where the event is about one. */
  readonly request?: { readonly number: number; readonly commit: string; readonly isOfFork: boolean }
}

function eventOf({ GITHUB_EVENT_PATH: file }: Environment): Event {
  const event = partsOf(file === undefined || file === '' ? undefined : JSON.parse(readFileSync(file, 'utf8')))
  const pull = partsOf(event['pull_request'])
  const [base, head] = [partsOf(pull['base']), partsOf(pull['head'])]
  const queued = textIn(partsOf(event['merge_group'])['base_sha'])
  const since = textIn(base['sha']) || queued || textIn(event['before'])
  const issue = partsOf(event['issue'])
  const number = pull['number'] ?? (issue['pull_request'] === undefined ? undefined : issue['number'])
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return { base: since }
  const [from, to] = [head, base].map((side) => textIn(partsOf(side['repo'])['full_name']))
  return { base: since, request: { number, commit: textIn(head['sha']), isOfFork: from !== to } }
}

/**
 * Runs the program. Plain text may quote what a manifest says, which must not be taken for a command. The program would stop
 * commands around its reports by itself, yet only these lines are around a patch and around all that goes to stderr; two
 * pairs of them do not nest, so the program is not told who reads along.
 */
function runShown(wish: Wish, annotations: 'commands' | 'matcher' | 'none', environment: Environment): Finished {
  const isText = annotations !== 'commands' || wish.command === 'status'
  const token = isText ? randomUUID() : undefined
  const matcher = path.join(import.meta.dirname, '..', 'docs', 'problem-matcher.json')
  if (annotations === 'matcher') console.log(`::add-matcher::${matcher}`)
  if (token !== undefined) console.log(`::stop-commands::${token}`)
  const showing = { format: isText ? 'text' : 'github' } as const
  const finished = runProgram(wish, showing, isText ? { ...environment, GITHUB_ACTIONS: '' } : environment)
  if (token !== undefined) console.log(`::${token}::`)
  if (annotations === 'matcher')
    for (const owner of ['kn-rollout', 'kn-rollout-notes']) console.log(`::remove-matcher owner=${owner}::`)
  return finished
}

/** Writes the comment where there is a pull request, and gives back its address. That it cannot be written fails no step. */
async function commented(wish: Wish, finished: Finished, event: Event, { input, environment }: Step): Promise<string> {
  const { request } = event
  const comment = request && commentOf(wish, finished, request.commit)
  const repository = environment['GITHUB_REPOSITORY'] ?? ''
  if (!comment || !/^[\w.-]+\/[\w.-]+$/.test(repository)) return ''
  if (input('token') === '') return unsaid('the input `token` is empty')
  try {
    return await keepComment(comment, commentsOn(`/repos/${repository}`, request.number, apiOf(input, environment)))
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    if (![401, 403, 404].includes(error.status)) return unsaid(error.message)
    if (request.isOfFork) return unsaid("the token of a fork's pull request can only read")
    return unsaid('the token needs the right `pull-requests: write`')
  }
}

function unsaid(why: string): string {
  console.log(
    `::notice title=kn-rollout::no comment on the pull request: ${why}; the summary of this step has the report`,
  )
  return ''
}

function apiOf(input: Input, { GITHUB_API_URL: url }: Environment): Api {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${input('token')}`,
    'x-github-api-version': '2022-11-28',
  }
  return { url: url ?? 'https://api.github.com', headers }
}

function commentsOn(repository: string, request: number, api: Api): Comments {
  const bots = new Set<number>()
  const authors = new Map<number, unknown>()
  let self: Promise<unknown> | undefined
  return {
    page: async (page) => {
      const answer = await ask(api, 'GET', `${repository}/issues/${request}/comments?per_page=100&page=${page}`)
      return listIn(answer).map(({ id, body, user }): Found => {
        const found = { id: Number(id), text: textIn(body) }
        authors.set(found.id, partsOf(user)['id'])
        if (partsOf(user)['type'] === 'Bot') bots.add(found.id)
        return found
      })
    },
    // Only an app writes as a bot, and the owner lets it in. A token of a person is asked for its name; that of an app has none.
    isOwn: async ({ id }) => {
      if (bots.has(id)) return true
      self ??= ask(api, 'GET', '/user').then(
        (user) => partsOf(user)['id'],
        () => undefined,
      )
      const own = await self
      return own !== undefined && own === authors.get(id)
    },
    create: async (body) => writtenIn(await ask(api, 'POST', `${repository}/issues/${request}/comments`, { body })),
    update: async (id, body) => writtenIn(await ask(api, 'PATCH', `${repository}/issues/comments/${id}`, { body })),
    remove: async (id) => void (await ask(api, 'DELETE', `${repository}/issues/comments/${id}`)),
  }
}

function writtenIn(answer: unknown): Written {
  const { id, html_url: address } = partsOf(answer)
  return { id: Number(id), address: textIn(address) }
}

type Reports = NonNullable<Finished['reports']>

/** The summary of the step, and its outputs. */
function report(wish: Wish, { json, markdown, files }: Reports, comment: string, { input, environment }: Step): void {
  const { GITHUB_STEP_SUMMARY: summary = '', GITHUB_OUTPUT: place = '' } = environment
  if (input('summary') !== 'false' && summary !== '') appendFileSync(summary, `${markdown}\n`)
  const { changes = [], services, diagnostics } = json
  const isChanging = changes.length > 0 || ['apply', 'next', 'release'].includes(wish.command)
  const touched = wish.command === 'check' ? services : isChanging ? changes : []
  const named = [...new Set(touched.map(({ file }) => file))]
  const outputs = {
    changed: String(named.length > 0),
    files: list(named),
    services: list(differing(wish, json)),
    stage: [...new Set(changes.map(({ stage }) => stage))].join(','),
    errors: String(countOf(diagnostics, 'error')),
    warnings: String(countOf(diagnostics, 'warning')),
    summary: summaryOf(json),
    report: files.json,
    body: files.markdown,
    comment,
  }
  if (place === '') return
  for (const [name, value] of Object.entries(outputs)) {
    const end = randomUUID()
    appendFileSync(place, `${name}<<${end}\n${value}\n${end}\n`)
  }
}

/** Names for an output, one a line. One that breaks lines is quoted: its lines would name other files. */
function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => (/\p{Cc}/u.test(name) ? JSON.stringify(name) : name)).join('\n')
}

/** The Services that a change touches, or that a command moves, as `--service` takes them. */
function differing({ command }: Wish, { changes = [], services }: Report): readonly string[] {
  const moved = new Set(changes.map(({ file, service }) => `${file}\n${service}`))
  const isMeant = ({ file, namespace, name, unchanged }: Report['services'][number]): boolean =>
    command === 'check'
      ? unchanged === undefined
      : moved.has(`${file}\n${namespace === undefined ? name : `${namespace}/${name}`}`)
  return services.filter(isMeant).map(({ file, line }) => `${file}:${line}`)
}

/** One line for a title or a commit message, in which no name calls a person or closes a ticket. */
function summaryOf(json: Report): string {
  const { changes = [], services } = json
  const stages = [...new Set(changes.map(({ stage }) => stage))]
  const moved = stages.map((stage) => {
    const names = changes.flatMap((change) => (change.stage === stage ? [change.service] : []))
    return `${stage}: ${names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}`
  })
  const found = `${plural(services.length, 'Knative Service')}: ${countsText(json)}`
  const text = moved.length > 0 ? moved.join('; ') : found
  return text.replaceAll(/[\p{Cc}\p{Cf}\s@#!]+/gu, ' ').slice(0, 200)
}
