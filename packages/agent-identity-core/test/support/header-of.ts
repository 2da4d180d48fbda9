/** An assertion header around any bytes or text, whether they are an envelope or not. */
export function headerOf(envelope: Uint8Array | string): string {
  return `AgentAssertion ${Buffer.from(envelope).toString('base64url')}`;
}
