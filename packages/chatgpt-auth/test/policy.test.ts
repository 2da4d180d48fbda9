import { policyForFeature } from 'chatgpt-auth';
import { expect, it } from 'vitest';

it('only a flag that is on turns the opt-in on', () => {
  expect(policyForFeature(true)).toBe('chatgpt-auth');
  expect(policyForFeature(false)).toBe('jwt-only');
  expect(policyForFeature(undefined)).toBe('jwt-only');
});
