import * as z from 'zod/mini';

/** The ChatGPT plans that this version knows (docs/protocol.md section 7). New ones appear without notice. */
export const knownPlanTypes = [
  'free',
  'go',
  'plus',
  'pro',
  'prolite',
  'promax',
  'team',
  'self_serve_business_usage_based',
  'self_serve_business_prolite',
  'business',
  'ent26',
  'enterprise_cbp_usage_based',
  'enterprise_cbp_automation',
  'enterprise_cbp_trial',
  'enterprise',
  'edu',
  'edu_plus',
  'edu_pro',
  'sci',
  'sci_plus',
  'finserv',
  'free_workspace',
  'k12',
  'law',
  'quorum',
  'unknown',
] as const;

/** A plan that this version knows. */
export type KnownPlanType = (typeof knownPlanTypes)[number];

/** Any plan, unchanged. Unknown values are kept and written back. */
export type PlanType = KnownPlanType | (string & {});

/** Reads a plan unchanged. Compare plans with {@link normalizePlanType}. */
export const planTypeSchema: z.ZodMiniType<PlanType> = z.string();

const aliases: ReadonlyMap<string, KnownPlanType> = new Map([
  ['hc', 'enterprise'],
  ['education', 'edu'],
]);

/**
 * Normalizes a plan for comparing: lower case, and the aliases `hc` and `education` resolved (docs/protocol.md section 7).
 * Do not store the result: a record keeps the plan unchanged.
 *
 * @example
 * ```ts
 * import { normalizePlanType } from 'agent-identity-core/wire';
 *
 * normalizePlanType('HC') === 'enterprise'; // true
 * ```
 */
export function normalizePlanType(planType: string): PlanType {
  const name = planType.toLowerCase();
  return aliases.get(name) ?? name;
}
