// The passwords of people in tests: hard to guess, and quickly seen to be. One made of words takes the server five times as long.

export const password = 'Wqzv-Bnph-52-Rk'
export const otherPassword = 'Gjkw-Zvtq-81-Mh'
