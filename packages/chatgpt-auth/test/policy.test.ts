import { policyOfFeature } from 'chatgpt-auth';
import { expect, test } from 'vitest';

test('only a flag that is on turns the opt-in on', () => {
  expect(policyOfFeature(true)).toBe('chatgpt-auth');
  expect(policyOfFeature(false)).toBe('jwt-only');
  expect(policyOfFeature(undefined)).toBe('jwt-only');
});
