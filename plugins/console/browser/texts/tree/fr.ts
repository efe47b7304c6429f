// L’arbre en français.
import type { TreeTexts } from './texts.ts'

export const fr: TreeTexts = {
  about: (rows) => `${rows}, selon leur rattachement`,
  keys: 'Les flèches parcourent l’arbre, les lettres cherchent, Entrée ouvre.',
  keysMove: 'Ctrl + X détache un élément, Ctrl + V le place sous un autre ; ou faites-le glisser.',
  open: 'Ouvrir', below: 'Créer en dessous', move: 'Déplacer…', moveTitle: (name) => `Déplacer ${name}`, moveTo: 'Sous', moveGo: 'Déplacer',
  top: 'Au sommet', toTop: 'Vers le sommet', dropTop: 'Déposez ici pour placer au sommet', actions: (name) => `Actions pour ${name}`,
  taken: (name) => `${name} est détaché. Allez à sa nouvelle place et tapez Ctrl + V ; Échap le laisse où il est.`,
  moved: (name, above) => `${name} se trouve maintenant sous ${above}`, movedTop: (name) => `${name} se trouve maintenant au sommet`,
  movedBack: (name) => `${name} est revenu à sa place`,
  within: 'Un élément ne peut pas se trouver sous lui-même.', notHere: 'Vous ne pouvez pas le déplacer là.',
  notMovable: (name) => `Vous ne pouvez pas déplacer ${name}.`,
  more: (count) => `${count} de plus`, moreUnknown: 'Lire la suite', choose: 'Choisissez sa place',
}
