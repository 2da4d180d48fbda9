/**
 * Makes Node's `inspect` and console show `[secret]` in place of the object's private key. Changes and returns the same
 * object. Its JSON still contains the key, because records are stored as JSON. A copy made by spreading is not protected.
 *
 * @example
 * ```ts
 * import { agentIdentityRecordSchema, hideKeyFromInspect } from 'agent-identity-core/wire';
 *
 * function readRecord(json: string) {
 *   return hideKeyFromInspect(agentIdentityRecordSchema.parse(JSON.parse(json)));
 * }
 * ```
 */
export function hideKeyFromInspect<Holder extends { agent_private_key: string }>(holder: Holder): Holder {
  return Object.defineProperty(holder, Symbol.for('nodejs.util.inspect.custom'), {
    value: () => ({ ...holder, agent_private_key: '[secret]' }),
  });
}
