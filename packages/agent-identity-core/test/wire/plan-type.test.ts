import {
  agentIdentityClaimsSchema,
  agentIdentityRecordSchema,
  knownPlanTypes,
  normalizePlanType,
  planTypeSchema,
} from 'agent-identity-core/wire';
import { describe, expect, it } from 'vitest';

/** docs/protocol.md section 7. */
const plans = [
  'free go plus pro prolite promax team self_serve_business_usage_based self_serve_business_prolite business ent26',
  'enterprise_cbp_usage_based enterprise_cbp_automation enterprise edu edu_plus edu_pro sci sci_plus unknown',
  'finserv k12 law quorum free_workspace enterprise_cbp_trial',
].flatMap((line) => line.split(' '));

describe('knownPlanTypes', () => {
  it('are those of the protocol page', () => {
    expect([...knownPlanTypes].sort()).toEqual([...plans].sort());
  });
});

describe('planTypeSchema', () => {
  it.each([...plans, 'hc', 'HC', 'Education', 'galactic', '', ' pro', '__proto__'])(
    'keeps %j as it came',
    (plan) => {
      expect(planTypeSchema.parse(plan)).toBe(plan);
      expect(agentIdentityClaimsSchema.safeParse({ ...claims, plan_type: plan }).data?.plan_type).toBe(plan);
      expect(agentIdentityRecordSchema.safeParse({ ...claims, plan_type: plan }).data?.plan_type).toBe(plan);
    },
  );

  it('refuses a value that is not a string', () => {
    for (const plan of [undefined, null, 7, ['pro']])
      expect(planTypeSchema.safeParse(plan).success).toBe(false);
  });
});

describe('normalizePlanType', () => {
  it.each(plans)('reads %s in any case', (plan) => {
    expect(normalizePlanType(plan)).toBe(plan);
    expect(normalizePlanType(plan.toUpperCase())).toBe(plan);
  });

  it.each([
    ['hc', 'enterprise'],
    ['HC', 'enterprise'],
    ['education', 'edu'],
    ['Galactic', 'galactic'],
    ['constructor', 'constructor'],
    ['', ''],
  ])('reads %j as %j', (plan, expected) => {
    expect(normalizePlanType(plan)).toBe(expected);
  });
});

const claims = {
  iss: 'i',
  aud: 'a',
  exp: 2,
  iat: 1,
  agent_runtime_id: 'agent-123',
  agent_private_key: 'k',
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  chatgpt_account_is_fedramp: false,
};
