// First and last names by where they are common: enough that a thousand people seldom share one.

export interface Names {
  readonly first: readonly string[]
  readonly last: readonly string[]
}

const names = (first: string, last: string): Names =>
  ({ first: first.split(' '), last: last.split(' ').map((name) => name.replace('_', ' ')) })

export const cultures = {
  french: names(
    'Camille Hugo Léa Jules Manon Louis Chloé Gabriel Zoé Arthur Juliette Raphaël Élodie Antoine Margaux Théo Noémie Julien ' +
      'Clémence Mathieu Aurélie Nicolas Pauline Benoît Mathilde Romain Solène Baptiste Anaïs Quentin',
    'Martin Bernard Moreau Laurent Girard Lefèvre Mercier Blanc Guérin Faure Rousseau Garnier Chevalier Lambert Bonnet ' +
      'Legrand Perrot Renaud Colin Vidal Lemaire Barbier Picard Besson Collet Masson Brunet Roche Delmas Poirier Marchal ' +
      'Carpentier Noël Renard Aubert Leclerc',
  ),
  english: names(
    'Oliver Charlotte George Amelia Harry Isla Jack Emily Alfie Poppy Thomas Grace William Freya Edward Florence Henry Alice ' +
      'Callum Imogen Rhys Megan Owen Bethan Rory Fiona Finlay Eilidh Connor Niamh',
    'Smith Jones Taylor Walker Wright Thompson Hughes Edwards Green Wood Harris Clarke Bennett Cooper Ward Turner Parker ' +
      'Morgan Reid Fraser Murray O’Neill Kelly Byrne Doyle Gallagher Price Bevan Llewellyn Atkinson Barker Holloway Whitaker ' +
      'Ashworth Pembroke Fletcher',
  ),
  german: names(
    'Lukas Hannah Felix Lena Maximilian Johanna Paul Mia Jakob Katharina Moritz Franziska Tobias Anneliese Florian Greta ' +
      'Stefan Ulrike Matthias Birgit Sebastian Heike Jürgen Sabine Klaus Petra Dieter Monika Günther Renate',
    'Müller Schmidt Schneider Fischer Weber Wagner Becker Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann ' +
      'Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Krause Lehmann Köhler Maier König Huber Kaiser Fuchs Vogel ' +
      'Stein Jäger Weiß',
  ),
  spanish: names(
    'Lucía Mateo Valentina Santiago Camila Sebastián Daniela Alejandro Mariana Diego Paula Javier Carmen Álvaro Rocío Pablo ' +
      'Isabel Andrés Ximena Rodrigo Beatriz Emilio Guadalupe Ignacio Marisol Fernando Pilar Joaquín Teresa Tomás',
    'García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Díaz Álvarez Romero Torres Vargas Ramírez Castro ' +
      'Ortega Delgado Morales Suárez Iglesias Medina Cortés Castillo Guerrero Cano Prieto Calvo Vega Campos Fuentes Cabrera ' +
      'Aguirre Salazar Rojas Núñez',
  ),
  portuguese: names(
    'Ana Tiago Beatriz Miguel Mariana Rui Inês Gonçalo Catarina Pedro Leonor Diogo Rafaela Thiago Larissa Felipe Fernanda ' +
      'Gustavo Juliana Vinícius Letícia Caio Bruna Renato Vitória Otávio Luana Heitor Sílvia Nuno',
    'Silva Santos Oliveira Souza Pereira Costa Rodrigues Almeida Nascimento Lima Araújo Fernandes Ribeiro Barbosa Rocha Dias ' +
      'Monteiro Mendes Freitas Cardoso Teixeira Moreira Correia Pinto Tavares Nogueira Magalhães Fonseca Coelho Antunes Machado ' +
      'Brito Queiroz Sampaio Vieira Guimarães',
  ),
  nordic: names(
    'Astrid Lars Ingrid Erik Freja Magnus Sigrid Søren Maja Anders Linnea Bjørn Saga Nils Ebba Henrik Tuva Oskar Solveig ' +
      'Mikkel Signe Torsten Aino Eero Helmi Jukka Kaisa Rasmus Elin Gustaf',
    'Andersson Johansson Karlsson Nilsson Eriksson Larsen Hansen Nielsen Pedersen Kristensen Berg Lund Dahl Holm Nyström ' +
      'Sandberg Bergström Ström Hagen Solberg Bakke Haugen Moen Virtanen Korhonen Mäkinen Nieminen Laine Heikkinen Jensen ' +
      'Møller Poulsen Rasmussen Ekström Forsberg Lindgren',
  ),
  slavic: names(
    'Katarzyna Piotr Agnieszka Tomasz Zofia Wojciech Małgorzata Krzysztof Petra Jiří Veronika Ondřej Tereza Lukáš Milica ' +
      'Nikola Ivana Marko Oksana Andriy Olena Taras Natalia Dmytro Anastasia Sergei Ljiljana Goran Zuzana Matej',
    'Nowak Kowalski Wiśniewski Kamiński Lewandowski Zieliński Szymański Woźniak Dvořák Novotný Procházka Kučera Horák Svoboda ' +
      'Kovač Horvat Marić Jurić Babić Petrović Jovanović Kovalenko Shevchenko Bondarenko Tkachenko Melnyk Lysenko Ivanov ' +
      'Sokolov Morozov Volkov Kral Benda Sedlák Urban Krejčí',
  ),
  arabic: names(
    'Layla Omar Yasmin Khalid Amina Youssef Salma Tarek Nour Hassan Rania Bilal Leïla Mehdi Samira Rachid Zeynep Emre Elif ' +
      'Mustafa Maryam Ali Nasrin Reza Dina Sherif Hanan Walid Ayşe Burak',
    'Haddad Khoury Mansour Nasser Saleh Aziz Farouk Hamdan Khalil Darwish Benali Bouazza Cherkaoui Elidrissi Amrani Tazi ' +
      'Yılmaz Kaya Demir Çelik Şahin Aydın Arslan Doğan Hosseini Karimi Rahimi Moradi Sayegh Hakim Qasim Rashid Zaki Shaheen ' +
      'Barakat Najjar',
  ),
  african: names(
    'Chinwe Kwame Amara Tunde Zanele Sipho Ngozi Kofi Abena Themba Wambui Kiprono Aisha Juma Naledi Thabo Adaeze Emeka Folake ' +
      'Babatunde Makena Otieno Achieng Mandla Lindiwe Sizwe Fatoumata Moussa Aminata Ibrahima',
    'Adeyemi Okafor Eze Nwosu Balogun Mensah Owusu Asante Boateng Appiah Mwangi Kamau Njoroge Ochieng Wafula Kiptoo Mutua ' +
      'Dlamini Nkosi Ndlovu Zulu Khumalo Mokoena Molefe Diallo Traoré Keita Konaté Sow Sarr Tesfaye Bekele Abebe Haile Banda ' +
      'Phiri',
  ),
  indian: names(
    'Aarav Ananya Rohan Diya Arjun Kavya Vikram Meera Aditya Lakshmi Karthik Nisha Sanjay Pooja Rahul Deepika Suresh Shreya ' +
      'Manish Divya Ayesha Imran Farhan Nazia Gurpreet Harjit Anjali Nikhil Radha Varun',
    'Sharma Patel Singh Kumar Gupta Iyer Nair Menon Reddy Rao Chowdhury Banerjee Mukherjee Das Bose Joshi Kulkarni Deshpande ' +
      'Desai Mehta Shah Kapoor Malhotra Khanna Bhatia Gill Sandhu Pillai Krishnan Subramanian Verma Mishra Pandey Trivedi ' +
      'Hussain Siddiqui',
  ),
  eastAsian: names(
    'Wei Xiu Jun Ling Hao Yan Ming Fang Haruto Yui Sota Sakura Kenji Aiko Takumi Naoko Minjun Seoyeon Jiho Hana Minh Linh ' +
      'Tuan Thao Duc Huong Kaito Emi Jisoo Taeyang',
    'Wang Li Zhang Liu Yang Huang Zhao Wu Zhou Xu Sato Suzuki Takahashi Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida ' +
      'Kim Lee Park Choi Jung Kang Tran Le Pham Hoang Phan Vu Dang Bui Lin Ho',
  ),
  italian: names(
    'Giulia Francesco Sofia Lorenzo Aurora Alessandro Martina Leonardo Chiara Matteo Elisa Davide Federica Simone Alessia ' +
      'Luca Valentina Riccardo Ginevra Edoardo Serena Giovanni Ilaria Stefano Beatrice Nicolò Silvia Pietro Arianna Dario',
    'Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De_Luca Mancini Costa Giordano Rizzo ' +
      'Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli ' +
      'Vitale Pellegrini Serra Fabbri',
  ),
} as const

export type Culture = keyof typeof cultures

const all = Object.values(cultures)

/** Every name of the world, as it were. */
export const everywhere: Names = { first: all.flatMap(({ first }) => first), last: all.flatMap(({ last }) => last) }
