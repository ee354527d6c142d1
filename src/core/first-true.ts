/** True as soon as one is, false when none was. */
export function firstTrue(questions: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let open = questions.length
    for (const question of questions)
      question.then((answer) => {
        open--
        if (answer || open === 0) resolve(answer)
      }, reject)
  })
}
