// Styles are imported for their effect: vite makes one file of them.
declare module '*.css'
