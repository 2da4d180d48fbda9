/** A POST with a body. */
export const post = (body: RequestInit['body'], headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: body ?? null,
  headers,
});

/** The status and the code of a refusal. */
export async function refusalOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { readonly error: { readonly code: string } };
  return `${response.status} ${error.code}`;
}
