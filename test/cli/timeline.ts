import * as assert from 'uvu/assert'

import { Sandbox, type Ran } from './sandbox.js'

/** 2026-01-01T00:00Z, in seconds since 1970. */
export const midnight = 1_767_225_600
/** In seconds. */
export const hour = 3600

/** A repository with a clock: commits and runs happen at a number of seconds after midnight. */
export class Timeline {
  readonly box = new Sandbox()
  now = 0

  /** @param files What the first commit holds; without them there is none. */
  constructor(files?: Readonly<Record<string, string>>) {
    this.box.git('init', '--quiet')
    if (files) this.commit(files)
  }

  commit(files: Readonly<Record<string, string>> = {}, message = 'state'): void {
    this.box.write(files)
    const date = `${midnight + this.now} +0000`
    this.box.commitAs(message, { GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date })
  }

  run(...args: readonly string[]): Ran {
    return this.box.run(args, { environment: { KN_ROLLOUT_NOW: String(midnight + this.now) } })
  }

  /** Runs a command, takes its patch, and commits that. */
  take(...args: readonly string[]): void {
    const ran = this.run(...args)
    assert.is(ran.status, 0, ran.stderr)
    this.box.gitWith({ stdin: ran.stdout }, 'apply', '--whitespace=error')
    this.commit()
  }

  get head(): string {
    return this.box.git('rev-parse', 'HEAD').slice(0, 7)
  }
}
