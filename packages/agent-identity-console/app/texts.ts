/** All texts of the pages, in one place. */
export const texts = {
  product: 'Agent Identity',
  inspector: {
    title: 'Inspector',
    purpose:
      'Paste a header, an assertion, a JWT, a key, a record or an auth.json. The page explains each member. What you paste stays in this page: nothing is sent anywhere, and nothing is kept.',
    input: 'Header, token, key or auth.json',
    inputHint: 'Secrets are recognized and hidden.',
    key: 'Verify with (optional)',
    keyHint:
      "For an assertion: the agent's public key, ssh-ed25519 … For a JWT: the key set (JWKS) of its issuer.",
    example: 'Show an example',
    clear: 'Clear',
    empty: 'The explanation appears here.',
    member: 'Member',
    value: 'Value',
    meaning: 'Meaning',
    hidden: 'hidden: a secret',
    show: 'Show',
    hide: 'Hide',
    showMember: (name: string) => `Show ${name}`,
    hideMember: (name: string) => `Hide ${name}`,
    nothing: 'nothing',
    unverified: 'The signature was not verified: give the key to verify it with.',
    unsigned: 'This form has no signature, so there is nothing to verify.',
    genuineAssertion: 'Verified: this key signed it.',
    genuineJwt: (until: string) =>
      `Verified: a key of the key set signed it, and it is valid until ${until}.`,
    refused: (code: string, message: string) => `Not verified: ${message} (${code})`,
  },
};
