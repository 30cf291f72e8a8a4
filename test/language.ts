// The words that no text has, and what to write in their place. What is in backquotes is no prose.

export type BannedWord = {
  readonly word: RegExp
  readonly write: string
  /** Where the word is right; with a reason beside each. */
  readonly unless?: RegExp
}

export const bannedWords: readonly BannedWord[] = [
  {
    word: /\b(?:cluster|Knative|Kubernetes|webhook|API server|kustomize|Flux|Argo CD)(?: would| will| then| also)? refus\w+/,
    write: 'rejects',
  },
  { word: /\brefuses? (?:the|a) (?:manifest|Service|change)\b/, write: 'rejects (Knative), or cannot (kn-rollout)' },
  { word: /\bjudg(?:e|es|ed|ing|ment)\b/i, write: 'validate (manifests), check (changes)' },
  { word: /\bmend(?:s|ed|ing)?\b/i, write: 'fix' },
  {
    word: /\b(?:un)?spell(?:s|ed|ing)?\b(?! correctly)|\bspelt\b/i,
    write: 'write out',
    unless: /\bmisspelled\b|(?:Check the|other) spelling/,
  },
  { word: /\bforet(?:ell|old)\w*/i, write: 'predict' },
  { word: /\b(?:tells?|telling|told)\b/i, write: 'show, determine, come from', unless: /can be told to|is told to/ },
  { word: /\b(?:say|says|said)\b/i, write: 'set, have (a file); print (a program)' },
  {
    word: /\b(?:stands?|stood|wants?|wanted|knows|asks?|asked|answers?|answered)\b/i,
    write: 'is, needs, has, requires',
  },
  { word: /\bbesides?\b/i, write: 'and, next to, as well as' },
  {
    word: /\belse\b/i,
    write: 'otherwise',
    unless: /\b(?:something|somewhere|nothing|anything|everything|everyone) else\b/,
  },
  { word: /\bfor want of\b|\bbe it\b|\bsave for\b/i, write: 'because there is no, even if, except' },
  { word: /\bway back\b|\bways back\b/i, write: 'rollback target, rollback' },
  { word: /\bjourney\b/i, write: 'rollout, walkthrough' },
  {
    word: /\b(?:share|shares|portion)\b/i,
    write: 'percent',
    unless: /\b(?:overlays|revisions|they|that|to) share\b|share the traffic/,
  },
  { word: /\bunder ?way\b/i, write: 'in progress' },
  { word: /\b(?:go|goes|going|went) on\b/i, write: 'continue' },
  { word: /\blet (?:it|them) be\b/i, write: 'leave it unchanged' },
  { word: /\b(?:holds?|held|holding)\b/i, write: 'has, blocks' },
  { word: /\b(?:brings?|brought|bringing)\b/i, write: 'adds' },
  {
    word: /\b(?:takes?|taken|took)\b/i,
    write: 'accepts, uses, gets',
    unless: /\b(?:takes?|took) (?:effect|\d|less|longer|about|two|time|a |too)|would have to take/,
  },
  { word: /\bmeant\b/i, write: 'intended', unless: /did you mean/ },
  { word: /\b(?:own|own revision) names?\b/i, write: 'explicit name' },
  { word: /\bof (?:its|their|your|his|our|one's) own\b/i, write: 'separate' },
  { word: /\bodd\b/i, write: 'unrecognized' },
  { word: /\b(?:loud|louder|loudness|quiet|quieter)\b/i, write: 'severity, lower severity' },
  { word: /\bby (?:itself|themselves)\b/i, write: 'automatically, separately' },
  { word: /\bby hand\b/i, write: 'manually' },
  { word: /\bwithout a word\b/i, write: 'silently' },
  { word: /\bwithout further ado\b/i, write: 'automatically' },
  { word: /(?<!garbage[- ])\bcollect(?:s|ed|ing|ion)?\b/i, write: 'garbage-collect' },
  { word: /\bcount(?:s|ed)? up\b/i, write: 'predict' },
  { word: /\bfreez(?:es|ing) (?:the|all|every)\b|\bstalls?\b/i, write: 'block' },
  { word: /\blet loose\b|\bloose\b|\btied\b|\bties\b|\btie\b/i, write: 'unpin, unpinned, pinned' },
  { word: /\bturn(?:s|ed)? over to\b/i, write: 'switch to' },
  { word: /\bleaves? the files\b/i, write: 'is removed from the repository' },
  { word: /\bhand(?:s|ed)? over\b/i, write: 'pass' },
  { word: /\bbehind\b/i, write: 'after' },
  { word: /\bsome are refused above\b/i, write: 'see the errors above' },
  { word: /\btalk\b/i, write: 'messages' },
  { word: /\bfolders?\b/i, write: 'directory' },
  { word: /\bstock (?:cluster|clusters|Knative)\b/i, write: 'default installation' },
  { word: /\bwords of kn\b/i, write: "kn's syntax" },
  { word: /\b(?:a handful|in vain|by surprise|at once|nobody|somebody|in charge)\b/i, write: '(cut it)' },
  { word: /\boverrul\w+|\bdecid(?:es?|ed) (?:on|about)\b/i, write: 'override, set' },
  { word: /\b(?:older|newer) side\b/i, write: 'base commit, head' },
  { word: /\b(?:saved )?live object\b/i, write: 'snapshot' },
  { word: /\bunsaid\b/i, write: 'not written out' },
  { word: /\bcomplaints?\b|\bremarks?\b/i, write: 'finding' },
  { word: /\bsilenc(?:e|es|ed|ing)\b/i, write: 'ignore' },
  { word: /\b(?:owns|drives)\b/i, write: 'manages' },
  { word: /\bcannot be told\b|\bleft open\b|\bleaves (?:it )?open\b/i, write: 'not checked, cannot be determined' },
  { word: /\bnewest (?:revision|one)\b|\blast ready\b/i, write: 'latest revision', unless: /20 newest/ },
  { word: /\bnamed (?:template|route)\b|\broutes? of\b/i, write: 'explicit name, tag URL' },
  { word: /\d %/, write: '5% without a space' },
  { word: /\b\d+ percent\b|\bpercent of the traffic\b/i, write: '5%', unless: /(?:\$\{|\d to \d+ percent)/ },
  { word: /\b(?:please|simply)\b/i, write: '(cut it)' },
  {
    word: /\b(?:colour|colours|behaviour|cancelled|unrecognised|misspelt|honour\w*|favour\w*|e-mail)\b/i,
    write: 'American spelling',
  },
]

/** What a message does not do. */
export const habits: readonly BannedWord[] = [
  { word: /\bmust\b[^;]*, but\b/, write: 'FIELD is FOUND; must be ALLOWED' },
  { word: /\bmust not\b/, write: 'what is wrong: FIELD is FOUND' },
  {
    word: /^(?:an? [A-Za-z]+(?: [a-z]+)?|`[^`]+`) must\b(?!.* must start)/,
    write: 'what is wrong: FIELD is FOUND; must be ALLOWED',
  },
  { word: /\bto be (?:edited|moved|previewed|released|renamed|replaced)\b/, write: 'cannot DO THIS: REASON' },
  { word: /\bthat there is\b|\b(?:is|are) none\b/, write: 'does not exist' },
]

/** A text with the place where a person finds it. */
export type Text = { readonly where: string; readonly text: string }

/** What is typed or read from a file is no prose, nor is what another program prints. */
function prose(text: string): string {
  return text
    .replaceAll(/`[^`\n]*`|"[^"\n]*"/g, '`…`')
    .replaceAll(/\b(?:Knative|Kubernetes|kubectl|kustomize|kn|Git) says:? .*/g, '')
    .replaceAll(/\]\([^)]*\)|https?:\S+/g, ']')
}

/** Each word that a text should not have, with the place and what to write instead. */
export function faultsIn(texts: readonly Text[], rules: typeof bannedWords = bannedWords): readonly string[] {
  return texts.flatMap(({ where, text }) =>
    rules.flatMap(({ word, write, unless }) => {
      const plain = unless ? prose(text).replaceAll(new RegExp(unless, 'gi'), '…') : prose(text)
      const found = word.exec(plain)
      return found ? [`${where}: "${found[0].trim()}" → ${write}: ${text.trim().slice(0, 200)}`] : []
    }),
  )
}
