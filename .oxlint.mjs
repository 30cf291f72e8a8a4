// What the code must keep to, the walls of the house among it: who may import whom, and where the outside world comes in.

/** The rooms of src/, from the ground up. A file imports from its own room and from the floors below. */
export const floors = [
  ['text'],
  ['codes'],
  ['yaml'],
  ['manifest'],
  ['config', 'schema', 'kustomize', 'edit'],
  ['stages', 'rules'],
  ['history'],
  ['guards'],
  ['pipeline'],
  ['io', 'report'],
  ['lsp'],
  ['cli'],
]

/** The packages, and the rooms that may know them. */
const packages = {
  yaml: ['yaml', 'manifest', 'config', 'schema', 'kustomize', 'edit'],
  ajv: ['schema'],
  diff: ['text'],
  'fastest-levenshtein': ['text'],
  globby: ['io'],
  yargs: ['cli'],
  'vscode-languageserver': ['lsp'],
  'vscode-languageserver-protocol': ['lsp'],
  'vscode-languageserver-textdocument': ['lsp'],
}

/** Starts other programs, and runs text as code. Each belongs to one file. */
const dangerous = ['child_process', 'cluster', 'vm', 'module', 'repl'].flatMap((name) => [name, `node:${name}`])
const trusted = ['src/io/program.ts', 'src/cli/compiled.ts']

/** What a room must not import, with what is said of it; a file that is trusted may import what is dangerous. */
function wallsOf(room, file) {
  const floor = floors.findIndex((rooms) => rooms.includes(room))
  const others = floors.slice(floor).flatMap((rooms) => rooms.filter((one) => one !== room))
  const isOutside = room === 'io' || room === 'cli'
  const foreign = Object.keys(packages).filter((name) => !packages[name].includes(room))
  const walls = [
    {
      group: [...others.map((one) => `**/${one}/**`), '../index.js', '../../index.js', '../main.js'],
      message: 'This floor is not below.',
    },
    { group: foreign.flatMap((name) => [name, `${name}/**`]), message: 'This package belongs to another room.' },
  ]
  if (!isOutside) walls.push({ group: ['node:*'], message: 'The outside world comes in by io/ and cli/.' })
  else if (file === undefined) walls.push({ group: dangerous, message: `This belongs to ${trusted.join(' and ')}.` })
  if (room !== 'schema' && room !== 'codes')
    walls.push({ group: ['#*', '#*/**'], message: 'What is generated belongs to schema/ and codes/.' })
  return { files: [file ?? `src/${room}/**`], rules: { 'no-restricted-imports': ['error', { patterns: walls }] } }
}

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  rules: {
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/no-unsafe-type-assertion': 'off',
    'no-await-in-loop': 'off',
    'no-control-regex': 'off',
    'oxc/no-map-spread': 'off',
    'oxc/no-accumulating-spread': 'off',
  },
  overrides: [
    {
      files: ['src/**', '.action/**', '.executable/**'],
      rules: {
        'import/no-cycle': ['error', { ignoreTypes: false }],
        'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
        'max-params': ['error', { max: 5 }],
      },
    },
    ...floors.flat().map((room) => wallsOf(room)),
    ...trusted.map((file) => wallsOf(file.split('/')[1], file)),
  ],
  ignorePatterns: ['dist/**', '.action/main.cjs', 'fixtures/**', 'coverage/**'],
}
