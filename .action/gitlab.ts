// A job of GitLab: the report in the log, code quality, and the note on the merge request.
import { type Api, ApiFailure, ask, listIn, partsOf, textIn } from './api.js'
import { commentOf, type Comments, type Found, keepComment, type Written } from './comment.js'
import { type Environment, type Finished, type Input, runProgram, type Wish, WrongInput, wishOf } from './program.js'

/** Where the job leaves its code quality report, in the directory that it runs in. */
const codeQuality = 'gl-code-quality-report.json'

/** Runs the job and gives back its exit code. */
export async function runOnGitlab(environment: Environment): Promise<number> {
  const input: Input = (name) => (environment[`KN_ROLLOUT_${name.toUpperCase().replaceAll('-', '_')}`] ?? '').trim()
  const base = environment['CI_MERGE_REQUEST_DIFF_BASE_SHA'] ?? environment['CI_COMMIT_BEFORE_SHA'] ?? ''
  try {
    const wish = wishOf(input, base)
    const finished = runProgram(wish, { format: 'text', more: [['gitlab', codeQuality]] }, environment)
    if (input('note') !== 'false') await noted(wish, finished, input('token'), environment)
    return finished.status
  } catch (error) {
    if (!(error instanceof WrongInput)) throw error
    console.error(`kn-rollout: ${error.message}`)
    return 2
  }
}

/** Writes the note where the job is about a merge request. That it cannot be written fails no job. */
async function noted(wish: Wish, finished: Finished, token: string, environment: Environment): Promise<void> {
  const {
    CI_API_V4_URL: url = '',
    CI_MERGE_REQUEST_IID: request = '',
    CI_MERGE_REQUEST_PROJECT_ID: project = '',
    CI_COMMIT_SHA: commit = '',
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: source = '',
  } = environment
  if (url === '' || !/^\d+$/.test(request) || !/^\d+$/.test(project)) return
  const comment = commentOf(wish, finished, source || commit)
  // A protected variable is not given to merge requests of forks.
  if (token === '') return unsaid('`KN_ROLLOUT_TOKEN` is not set for this job')
  const api: Api = { url, headers: { 'private-token': token } }
  try {
    await keepComment(comment, notesOn(`/projects/${project}/merge_requests/${request}/notes`, api))
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    unsaid([401, 403, 404].includes(error.status) ? '`KN_ROLLOUT_TOKEN` needs the scope `api`' : error.message)
  }
}

function unsaid(why: string): void {
  console.error(`kn-rollout: no note on the merge request: ${why}; the log of this job has the report`)
}

function notesOn(notes: string, api: Api): Comments {
  const authors = new Map<number, unknown>()
  let self: Promise<unknown> | undefined
  return {
    page: async (page) => {
      const answer = await ask(api, 'GET', `${notes}?sort=asc&order_by=created_at&per_page=100&page=${page}`)
      return listIn(answer).map(({ id, body, author }): Found => {
        const found = { id: Number(id), text: textIn(body) }
        authors.set(found.id, partsOf(author)['id'])
        return found
      })
    },
    isOwn: async ({ id }) => {
      self ??= ask(api, 'GET', '/user').then((user) => partsOf(user)['id'])
      return (await self) === authors.get(id)
    },
    create: async (body) => writtenIn(await ask(api, 'POST', notes, { body })),
    update: async (id, body) => writtenIn(await ask(api, 'PUT', `${notes}/${id}`, { body })),
    remove: async (id) => void (await ask(api, 'DELETE', `${notes}/${id}`)),
  }
}

/** A note has no address of its own in an answer. */
function writtenIn(answer: unknown): Written {
  return { id: Number(partsOf(answer)['id']), address: '' }
}
