// compromise. Modes: tokens (its first stage), entities (people, places and organizations), quotes (quotations as well).
'use strict';
const rounds = require('./rounds.js');
const nlp = rounds.load(rounds.mode === 'tokens' ? 'compromise/one' : 'compromise');

rounds.run('compromise', (text, found) => {
  const document = nlp(text);
  found.tokens = (found.tokens || 0) + document.terms().length;
  if (rounds.mode === 'tokens') return;
  const entities = document.people().length + document.places().length + document.organizations().length;
  found.entities = (found.entities || 0) + entities;
  if (rounds.mode === 'quotes') found.quotes = (found.quotes || 0) + document.quotations().length;
});
