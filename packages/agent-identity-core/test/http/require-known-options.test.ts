import { findNearestName, requireKnownOptions } from 'agent-identity-core/http';
import { thrownBy } from 'test-support';
import { expect, it } from 'vitest';

const known = ['timeoutSeconds', 'baseUrl', 'signal'];

it('requireKnownOptions takes known names', () => {
  requireKnownOptions({}, known, 'options');
  requireKnownOptions({ baseUrl: 'x', signal: undefined }, known, 'options');
});

it.each([
  [{ timeoutSecond: 1 }, 'options: unknown member "timeoutSecond"; did you mean "timeoutSeconds"?'],
  [{ baseURL: 'x' }, 'options: unknown member "baseURL"; did you mean "baseUrl"?'],
  [{ colour: 'x' }, 'options: unknown member "colour"; expected one of timeoutSeconds, baseUrl, signal'],
  [{ 'a\u001b[31m': 1 }, 'options: unknown member "a?[31m"; expected one of timeoutSeconds, baseUrl, signal'],
])('requireKnownOptions refuses %o', (options, message) => {
  expect(thrownBy(() => requireKnownOptions(options, known, 'options'))).toMatchObject({
    code: 'invalid_argument',
    message,
  });
});

it('findNearestName cuts names of any length', () => {
  expect(findNearestName('x'.repeat(100_000), known)).toBeUndefined();
  expect(findNearestName('timeoutMs', ['timeoutMilliseconds', 'timeoutSeconds'])).toBeUndefined();
});
