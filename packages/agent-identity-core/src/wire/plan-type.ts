import * as z from 'zod';

/** The ChatGPT plans of docs/protocol.md section 7. `unknown` also stands for every plan that is not in the list. */
export type PlanType = (typeof planTypes)[number];

const planTypes = [
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
] as const;

const aliases: Readonly<Record<string, PlanType>> = { hc: 'enterprise', education: 'edu' };

/** Reads a plan, ignoring case and resolving aliases. An unknown value becomes `unknown` and is not refused. */
export const planTypeSchema: z.ZodType<PlanType, string> = z.string().transform((value): PlanType => {
  const name = value.toLowerCase();
  return (
    planTypes.find((plan) => plan === name) ??
    (Object.hasOwn(aliases, name) ? aliases[name] : undefined) ??
    'unknown'
  );
});
