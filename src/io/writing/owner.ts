import { readFileSync, readlinkSync } from 'node:fs'
import os from 'node:os'
import { kill, pid } from 'node:process'

import { codeOf } from '../failure.js'

/** The process that a record belongs to. */
export type Owner = {
  readonly pid: number
  readonly host: string
  /** Where the number of a process means the same process: one start of one system, and what containers divide it into. */
  readonly place: string
  /** When the process was started, in ticks of its system; empty where the system does not tell. */
  readonly start: string
}

/** A run takes seconds and refreshes its record: what is so old belongs to no process, where nobody can ask for that. */
const abandonedAfter = 10 * 60 * 1000

export function thisProcess(): Owner {
  return { pid, host: os.hostname(), place: thisPlace(), start: startOf(pid) ?? '' }
}

/**
 * Whether a process may still be at work. One of this system is asked for; of others the age of their record tells, in
 * milliseconds.
 */
export function isLiving(owner: Owner, age: number): boolean {
  if (owner.place !== thisPlace()) return age < abandonedAfter
  try {
    kill(owner.pid, 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  const start = startOf(owner.pid)
  return start === undefined || owner.start === '' || start === owner.start
}

function thisPlace(): string {
  return [
    os.hostname(),
    told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    told(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ')
}

function told(ask: () => string): string {
  try {
    return ask()
  } catch {
    return ''
  }
}

/** Numbers of processes are given again. A process that has ended, but whose parent has not looked, has no start. */
function startOf(number: number): string | undefined {
  const stat = told(() => readFileSync(`/proc/${number}/stat`, 'utf8'))
  // The name of the program stands in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  if (stat === '') return undefined
  return state === 'Z' || state === 'X' ? 'ended' : fields[19]
}
