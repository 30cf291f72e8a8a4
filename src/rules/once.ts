/**
 * The same answer for the same manifest, or part of one, worked out once: many rules look at the same parts of a Service.
 * Services are judged one after the other, so only the last answer is kept.
 */
export function once<Key extends object, Part>(find: (key: Key) => Part): (key: Key) => Part {
  let last: { readonly key: Key; readonly part: Part } | undefined
  return (key) => {
    if (last?.key !== key) last = { key, part: find(key) }
    return last.part
  }
}
