/** Why a stage can refuse: one row a code. */
export const stageRefusals = {
  KN401: 'the candidate cannot be told',
  KN402: 'the stable revision cannot be told',
  KN403: 'stable and candidate are one revision',
  KN404: 'a third revision has a share of the traffic',
  KN405: 'the tag names another target',
  KN406: 'a preview without a tag',
  KN407: 'a share that is no split',
  KN408: 'a revision that still has its traffic cannot be retired',
  KN409: 'a role that is no revision name',
  KN430: 'a stage that the plan does not have',
  KN431: 'a state that no stage of the plan leaves',
  KN432: 'a stage that must last longer',
  KN433: 'a stage whose beginning no commit tells',
  KN434: 'a revision that was rolled back',
  KN435: 'traffic that is not committed yet',
  KN440: 'a revision that the file does not know',
  KN441: 'a tag to take away that is not there',
  KN442: 'the latest revision has another tag',
  KN443: 'a target with two shares',
  KN444: 'a remainder that cannot be placed',
} as const

export type StageRefusalCode = keyof typeof stageRefusals
