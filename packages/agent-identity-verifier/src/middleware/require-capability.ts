import { verificationError } from '../errors.js';

/** @throws AgentIdentityError `capability_missing` */
export function requireCapability(
  { capabilities = [] }: { readonly capabilities?: readonly string[] | undefined },
  capability: string,
  who: 'agent' | 'caller' = 'agent',
): void {
  if (capabilities.some((granted) => granted === capability)) return;
  throw verificationError('capability_missing', `The ${who} lacks the capability "${capability}".`);
}
