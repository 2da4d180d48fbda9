import { type AgentAssertion, type AgentKey, readAgentKey } from 'agent-identity-core';

/** The first key of the conformance vectors: its seed is 32 times 0x07. */
export const pkcs8Version1 = 'MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH';
export const pkcs8Version2 =
  'MFECAQEwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHgSEA6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=';
export const sshLine = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs';
export const publicKeyHex = 'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c';

export const fixedKey: AgentKey = readAgentKey(pkcs8Version1);

/** The second at which the fixed assertion was signed. */
export const signedAt: number = Date.UTC(2026, 3, 23);
export const subject = { agentKey: fixedKey, agentRuntimeId: 'agent-123', taskId: 'task-123' } as const;

/** Signed by OpenSSL, from the conformance vectors. */
export const fixedAssertion: AgentAssertion = {
  agentRuntimeId: 'agent-123',
  taskId: 'task-123',
  timestamp: '2026-04-23T00:00:00Z',
  signature: '+GlrOKR/FHxxhkmOhg5hj19+5O7hM2MgxNrgTfRgIX8CYn13AJESv5yXkwwUC9jDd8cvQRMu1f8Pybf6/LBgDw==',
};
export const fixedHeader =
  'AgentAssertion eyJhZ2VudF9ydW50aW1lX2lkIjoiYWdlbnQtMTIzIiwic2lnbmF0dXJlIjoiK0dsck9LUi9GSHh4aGttT2hnNWhqMTkrNU83aE0yTWd4TnJnVGZSZ0lYOENZbjEzQUpFU3Y1eVhrd3dVQzlqRGQ4Y3ZRUk11MWY4UHliZjYvTEJnRHc9PSIsInRhc2tfaWQiOiJ0YXNrLTEyMyIsInRpbWVzdGFtcCI6IjIwMjYtMDQtMjNUMDA6MDA6MDBaIn0';

export const fixedRegistration = {
  agentRuntimeId: 'agent-123',
  timestamp: '2026-04-23T00:00:00Z',
  signature: '3HXOrVnOX7USh8WvXXCZnUyrvwUdaWFME6ZQv+foYCmk7QXzPpNPLR/Qe26X9XkHB2SGAZjnOifmm39FXjdACA==',
} as const;
