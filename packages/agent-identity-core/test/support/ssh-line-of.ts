/** The OpenSSH line of any 32 bytes, whether they are a usable public key or not. */
export function sshLineOf(publicKey: Uint8Array): string {
  const header = Buffer.concat([
    Buffer.from([0, 0, 0, 11]),
    Buffer.from('ssh-ed25519'),
    Buffer.from([0, 0, 0, 32]),
  ]);
  return `ssh-ed25519 ${Buffer.concat([header, publicKey]).toString('base64')}`;
}
