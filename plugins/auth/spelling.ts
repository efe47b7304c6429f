// One spelling for what looks alike: the same password typed on two machines is made of other characters. NIST SP 800-63B 5.1.1.2 asks for NFKC.

/** How a password is measured, hashed and compared. */
export const spelling = (password: string): string => password.normalize('NFKC')

/** The spellings in which a stored hash may have been made: before passwords were normalised it was as it was given. */
export const spellings = (password: string): readonly string[] => [...new Set([spelling(password), password])]
