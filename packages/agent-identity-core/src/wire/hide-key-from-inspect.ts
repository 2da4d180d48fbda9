/**
 * The same object, which Node's inspect and console show with `[secret]` in place of its private key. JSON still holds
 * the key, since that is how a record is stored; and so does a copy made by spreading.
 */
export function hideKeyFromInspect<Holder extends { agent_private_key: string }>(holder: Holder): Holder {
  return Object.defineProperty(holder, Symbol.for('nodejs.util.inspect.custom'), {
    value: () => ({ ...holder, agent_private_key: '[secret]' }),
  });
}
