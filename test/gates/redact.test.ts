import { expect, it } from '@jest/globals'
import { redact } from '../../src/gates/redact.js'

it.each([
  ['password=hunter2 refused', 'password=*** refused'],
  ['{"apiKey":"abc def","code":5}', '{"apiKey":***,"code":5}'],
  ['Authorization: Bearer abc.def-ghi failed', 'Authorization: Bearer *** failed'],
  ['connect to postgres://shop:s3cret@db:5432/shop', 'connect to postgres://***@db:5432/shop'],
  ['token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc expired', 'token *** expired'],
  [
    'sasl.jaas.config=org.apache.Scram required username="a" password="b"',
    /^sasl\.jaas\.config=\*\*\* required username="a" password=\*\*\*$/,
  ],
  ['card 4111 1111 1111 1111 of ann@example.org', 'card *** of ***@***'],
  ['\u001b[31mERROR\u001b[0m\tno\u0007bell', 'ERROR no bell'],
  [
    'ERROR order 1234567 of partition orders-3 at offset 99123456',
    'ERROR order 1234567 of partition orders-3 at offset 99123456',
  ],
])('%s', (line, shown) => {
  if (typeof shown === 'string') expect(redact(line)).toBe(shown)
  else expect(redact(line)).toMatch(shown)
})

it('shows at most 200 characters', () => {
  expect(redact('word '.repeat(100))).toHaveLength(200)
})
