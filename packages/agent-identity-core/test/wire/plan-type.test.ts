import { planTypeSchema } from 'agent-identity-core/wire';
import { describe, expect, it } from 'vitest';

const plans = [
  'free',
  'go',
  'plus',
  'pro',
  'prolite',
  'team',
  'self_serve_business_usage_based',
  'business',
  'enterprise_cbp_usage_based',
  'enterprise',
  'edu',
  'unknown',
];

describe('planTypeSchema', () => {
  it.each(plans)('reads %s in any case', (plan) => {
    expect(planTypeSchema.parse(plan)).toBe(plan);
    expect(planTypeSchema.parse(plan.toUpperCase())).toBe(plan);
  });

  it('reads the aliases', () => {
    expect(planTypeSchema.parse('hc')).toBe('enterprise');
    expect(planTypeSchema.parse('HC')).toBe('enterprise');
    expect(planTypeSchema.parse('education')).toBe('edu');
  });

  it.each(['', 'galactic', 'constructor', '__proto__', 'tostring', ' pro'])(
    'takes %j for unknown',
    (plan) => {
      expect(planTypeSchema.parse(plan)).toBe('unknown');
    },
  );

  it('refuses a value that is not a string', () => {
    for (const plan of [undefined, null, 7, ['pro']])
      expect(planTypeSchema.safeParse(plan).success).toBe(false);
  });
});
