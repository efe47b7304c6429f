// The tree of rows in English: loaded with it. What is written here is what other languages must have.

export const en = {
  about: (rows: string) => `${rows} by what they belong to`,
  keys: 'Arrow keys go through the tree, letters find, Enter opens.',
  keysMove: 'Ctrl + X takes one out, Ctrl + V puts it below another; or drag it.',
  open: 'Open', below: 'New below it', move: 'Move…', moveTitle: (name: string) => `Move ${name}`, moveTo: 'Below', moveGo: 'Move',
  top: 'At the top', toTop: 'To the top', dropTop: 'Drop it here to put it at the top', actions: (name: string) => `Actions for ${name}`,
  taken: (name: string) => `${name} is taken out. Go to where it belongs and press Ctrl + V; Escape leaves it where it is.`,
  moved: (name: string, above: string) => `${name} now stands below ${above}`, movedTop: (name: string) => `${name} now stands at the top`,
  movedBack: (name: string) => `${name} is back where it was`,
  within: 'It cannot stand below itself.', notHere: 'You may not move it there.', notMovable: (name: string) => `You may not move ${name}.`,
  more: (count: string) => `${count} more`, moreUnknown: 'Read more', choose: 'Choose where it belongs',
}
