import { meant, type ConfigReader, type Place } from './reader.js'

/** Which Services follow a plan: those whose name and path both fit. */
export type PlanChoice = {
  /** `[NAMESPACE/]NAME`; `*` stands for any run of characters but `/`. */
  readonly name?: string
  /** The file as the repository names it; `**` stands for any folders. */
  readonly path?: string
  readonly plan: string
}

const keys = ['name', 'path', 'plan']

/** Reads `services`: a list of choices, of which the first that fits counts. */
export function readChoices(reader: ConfigReader, place: Place, plans: readonly string[]): readonly PlanChoice[] {
  return reader.items(place, '`services`').flatMap((item) => readChoice(reader, item, plans) ?? [])
}

function readChoice(reader: ConfigReader, item: Place, plans: readonly string[]): PlanChoice | undefined {
  const at = `services[${item.key}]`
  const members = reader.members(item.value, `\`${at}\``, `${at}.`, item.keyRange)
  for (const { key, keyRange } of members) {
    if (!keys.includes(key))
      reader.complain(keyRange, `\`${at}.${key}\` must be a known key, but is not`, meant(key, keys))
  }
  const [name, path, plan] = keys.map((key) => members.find((one) => one.key === key))
  const choice = {
    ...(name && { name: reader.text(name, `\`${at}.name\``, 'a pattern such as `shop/*`') ?? '' }),
    ...(path && { path: reader.text(path, `\`${at}.path\``, 'a pattern such as `apps/**`') ?? '' }),
  }
  if (!plan || (!name && !path)) {
    const message = `\`${at}\` must have a \`plan\`, and a \`name\` or a \`path\` of the Services that follow it`
    reader.complain(reader.at(item), message)
    return undefined
  }
  const chosen = reader.oneOf(plan, `\`${at}.plan\``, 'the name of a plan', plans)
  return chosen === undefined ? undefined : { ...choice, plan: chosen }
}
