import { describe, expect, it } from '@jest/globals'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { lagGraph, type Point, sparkline } from '../../src/graph/index.js'

const at = Date.UTC(2026, 0, 1, 2, 13)
const falling = (from: number, to: number): Point[] =>
  Array.from({ length: 30 }, (_, i) => [at + i * 1000, from + ((to - from) * i) / 29])

describe('lagGraph', () => {
  it('draws letters, also on a machine without any font', async () => {
    const named = await pixels(await lagGraph({ title: 'Drain of billing', series: [] }), 0, 0, 700, 60)
    const unnamed = await pixels(await lagGraph({ title: ' ', series: [] }), 0, 0, 700, 60)
    expect(dark(named)).toBeGreaterThan(1000)
    expect(dark(unnamed)).toBe(0)
  })

  it('draws each letter as itself and not as an empty box', async () => {
    const one = await pixels(await lagGraph({ title: 'iiiiiiii', series: [] }), 0, 0, 700, 60)
    const other = await pixels(await lagGraph({ title: 'WWWWWWWW', series: [] }), 0, 0, 700, 60)
    expect(dark(other)).toBeGreaterThan(2 * dark(one))
  })

  it('says at the end of a line whether it is drained or only nearly', async () => {
    const drained = await lagGraph({ title: 'Drain', series: [{ name: 'billing', points: falling(12_000, 0) }] })
    const nearly = await lagGraph({ title: 'Drain', series: [{ name: 'billing', points: falling(12_000, 3) }] })
    const end = [1295, 560, 140, 100] as const
    expect(await pixels(drained, ...end)).not.toEqual(await pixels(nearly, ...end))
  })

  it('says of a drained group whose lag is markers that none of it is data', async () => {
    const series = [{ name: 'billing', points: falling(12, 6) }]
    const lag = await lagGraph({ title: 'Drain', series })
    const drained = await lagGraph({ title: 'Drain', series, drained: true })
    const right = [1330, 60, 110, 600] as const
    expect(dark(await pixels(lag, ...right))).toBe(0)
    expect(dark(await pixels(drained, ...right))).toBeGreaterThan(200)
  })

  it('is of the size asked for, and keeps to six lines', async () => {
    const series = Array.from({ length: 40 }, (_, i) => ({ name: `group-${i}`, points: falling(i * 10, i) }))
    const image = await loadImage(await lagGraph({ title: 'Lag', series, width: 900, height: 500 }))
    expect([image.width, image.height]).toEqual([900, 500])
  })
})

describe('sparkline', () => {
  it.each<[string, readonly Point[], string]>([
    ['nothing', [], 'no samples yet'],
    [
      'a drain',
      falling(2300, 0).filter((_, i) => i % 7 === 1 || i === 29),
      '2,221 █▇▅▃▁ 0 (02:13:01 to 02:13:29 UTC, highest 2,221)',
    ],
    [
      'flat zero',
      [
        [at, 0],
        [at + 1000, 0],
      ],
      '0 ▁▁ 0 (02:13:00 to 02:13:01 UTC, highest 0)',
    ],
    [
      'nearly drained',
      [
        [at, 5000],
        [at + 1000, 1],
      ],
      '5,000 █▂ 1 (02:13:00 to 02:13:01 UTC, highest 5,000)',
    ],
  ])('says %s in words and in a curve', (_, points, text) => {
    expect(sparkline(points)).toBe(text)
  })

  it('fits in a line however many samples there are', () => {
    const many: Point[] = Array.from({ length: 5000 }, (_, i) => [at + i * 1000, 5000 - i])
    expect(sparkline(many)).toHaveLength('5,000 '.length + 24 + ' 1 (02:13:00 to 03:36:19 UTC, highest 5,000)'.length)
  })
})

async function pixels(png: Buffer, x: number, y: number, width: number, height: number): Promise<Uint8ClampedArray> {
  const image = await loadImage(png)
  const ctx = createCanvas(image.width, image.height).getContext('2d')
  ctx.drawImage(image, 0, 0)
  return ctx.getImageData(x, y, width, height).data
}

function dark(rgba: Uint8ClampedArray): number {
  let count = 0
  for (let i = 0; i < rgba.length; i += 4) if (rgba[i]! < 128) count += 1
  return count
}
