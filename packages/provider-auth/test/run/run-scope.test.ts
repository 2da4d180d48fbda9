import { createRunScope } from 'provider-auth';
import { thrownBy } from 'test-support';
import { expect, it } from 'vitest';

it.each<[name: string, options: unknown]>([
  ['options', null],
  ['options', 5],
  ['observer', { observer: [] }],
  ['observers', { observers: [5] }],
  ['observers', { observers: [null] }],
  ['observers', { observers: [{}] }],
  ['observers', { observers: [{ onevent() {} }] }],
  ['observers', { observers: [{ onEvent: 5 }] }],
  ['observers', { observers: [{ onEvent() {}, onOperation: 5 }] }],
  ['observers', { observers: {} }],
  ['learnClockOffset', { learnClockOffset: 'no' }],
  ['maxClockOffsetSeconds', { maxClockOffsetSeconds: Number.NaN }],
  ['maxClockOffsetSeconds', { maxClockOffsetSeconds: '60' }],
  ['replacementCooldownSeconds', { replacementCooldownSeconds: -1 }],
])('createRunScope refuses bad %s: %j', (name, options) => {
  const error = thrownBy(() => createRunScope(options as never));
  expect([error.code, error.message]).toEqual(['invalid_argument', expect.stringContaining(name)]);
});

it('a scope shows its state and cannot be changed', () => {
  const scope = createRunScope();
  expect(scope).toMatchObject({ isBearerFallbackEngaged: false, clockOffsetSeconds: 0 });
  expect(Object.isFrozen(scope)).toBe(true);
});
