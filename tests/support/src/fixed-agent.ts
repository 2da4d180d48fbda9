/** The first agent of the conformance vectors; OpenSSL made its signatures. */
export const fixedAgent = {
  /** PKCS#8 version 1 in base64; the seed is 32 times 0x07. */
  pkcs8: 'MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH',
  sshLine: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs',
  publicKeyHex: 'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c',
  agentRuntimeId: 'agent-123',
  taskId: 'task-123',
  /** 2026-04-23T00:00:00Z in milliseconds: when everything below was signed. */
  signedAt: Date.UTC(2026, 3, 23),
  timestamp: '2026-04-23T00:00:00Z',
  assertionSignature:
    '+GlrOKR/FHxxhkmOhg5hj19+5O7hM2MgxNrgTfRgIX8CYn13AJESv5yXkwwUC9jDd8cvQRMu1f8Pybf6/LBgDw==',
  assertionHeader:
    'AgentAssertion eyJhZ2VudF9ydW50aW1lX2lkIjoiYWdlbnQtMTIzIiwic2lnbmF0dXJlIjoiK0dsck9LUi9GSHh4aGttT2hnNWhqMTkrNU83aE0yTWd4TnJnVGZSZ0lYOENZbjEzQUpFU3Y1eVhrd3dVQzlqRGQ4Y3ZRUk11MWY4UHliZjYvTEJnRHc9PSIsInRhc2tfaWQiOiJ0YXNrLTEyMyIsInRpbWVzdGFtcCI6IjIwMjYtMDQtMjNUMDA6MDA6MDBaIn0',
  registrationSignature:
    '3HXOrVnOX7USh8WvXXCZnUyrvwUdaWFME6ZQv+foYCmk7QXzPpNPLR/Qe26X9XkHB2SGAZjnOifmm39FXjdACA==',
} as const;

/** The record of that agent (docs/protocol.md section 9). Its key is known to everybody. */
export const fixedRecord = {
  agent_runtime_id: fixedAgent.agentRuntimeId,
  agent_private_key: fixedAgent.pkcs8,
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: '',
  plan_type: 'business',
  chatgpt_account_is_fedramp: false,
};
