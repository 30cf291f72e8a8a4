/** Names of files that say nothing of their own: every manifest has such an ending. */
const plainName = String.raw`[\w./-]+\.(?:yaml|yml|json)`

/** What lines of a kustomization are that list nothing but such files, or nothing at all. */
const usual = [
  '(?:#.*)?',
  '---',
  '(?:- )?[A-Za-z]+:',
  `- ${plainName}`,
  `(?:- )?path: ${plainName}`,
  String.raw`(?:- )?(?:apiVersion|kind|name|namespace|namePrefix|nameSuffix|newName|newTag|digest): ["']?[\w./:@-]+["']?`,
]

/**
 * Any other line: a kustomization with one may list files with other names. The same for Perl and for JavaScript, there
 * with `m`.
 */
export const unusualLine = String.raw`^(?![ \t]*(?:${usual.join('|')})[ \t]*\r?$)`
