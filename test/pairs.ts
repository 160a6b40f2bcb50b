const pairs = [
  ['3.9', '4'],
  ['2.4', '2.8'],
] as const

/** All of them where all is played (`script/test --full`), else one, the next in the next hour. */
export const ofTheHour = <T>(all: readonly T[]): readonly T[] =>
  process.env.FLOODGATE_FULL === '1' ? all : [all[Math.floor(Date.now() / 3_600_000) % all.length]!]

export const pairsOfTheHour = ofTheHour(pairs)
