import { jsonReport } from './json.js'
import { textReport } from './text.js'

/**
 * The formats of a report. To add one: a file beside this one, and a row here. A report is loaded when it is asked for,
 * so that no format makes the others start slower.
 * `hasFixes`: what has one right answer is proposed with what was found.
 */
export const reportFormats = {
  text: { summary: 'for people', load: () => textReport },
  json: { summary: 'for programs', load: () => jsonReport },
  github: { summary: 'GitHub Actions annotations', load: () => import('./github.js').then((it) => it.githubReport) },
  gitlab: { summary: 'GitLab code quality', load: () => import('./gitlab.js').then((it) => it.gitlabReport) },
  sarif: {
    summary: 'SARIF 2.1.0',
    hasFixes: true,
    load: () => import('./sarif.js').then((it) => it.sarifReport),
  },
  junit: { summary: 'JUnit XML', load: () => import('./junit.js').then((it) => it.junitReport) },
  markdown: {
    summary: 'the body of a pull request',
    load: () => import('./markdown.js').then((it) => it.markdownReport),
  },
  commit: {
    summary: 'the message of a commit',
    load: () => import('./commit.js').then((it) => it.commitReport),
  },
  rdjsonl: {
    summary: "reviewdog's diagnostics, in lines of JSON",
    hasFixes: true,
    load: () => import('./rdjsonl.js').then((it) => it.rdjsonlReport),
  },
} as const

export type Format = keyof typeof reportFormats

/** Whether a report of this format proposes fixes, which take time to find. */
export function hasFixes(format: Format): boolean {
  return 'hasFixes' in reportFormats[format]
}

export const formatNames = Object.keys(reportFormats) as readonly Format[]
