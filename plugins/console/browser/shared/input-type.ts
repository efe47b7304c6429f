// The type of an input of one line. Preact's types tell inputs of different roles apart, and these have one that is chosen later.
export const inputType = (type: 'text' | 'email' | 'url' | 'password'): { readonly type: 'text' } => ({ type: type as 'text' })
