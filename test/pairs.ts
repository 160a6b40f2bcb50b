const pairs = [
  ['3.9', '4'],
  ['2.4', '2.8'],
] as const

/** Both pairs of versions where all is played (`script/test --full`), else one of them, the other in the next hour. */
export const pairsOfTheHour =
  process.env.FLOODGATE_FULL === '1' ? pairs : [pairs[Math.floor(Date.now() / 3_600_000) % pairs.length]!]
