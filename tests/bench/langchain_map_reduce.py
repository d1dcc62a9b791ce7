"""LangChain's map-reduce as its users write it: `langchain_map_reduce.py BOOK URL MODEL`."""

import sys
import time

from book import chapters, end
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_ollama import ChatOllama
from langchain_text_splitters import RecursiveCharacterTextSplitter

# Calls at a time, as many as the server has slots.
AT_ONCE = {"max_concurrency": 4}

# No length is named, so that the simulated model answers with about 80 words.
MAP = "Write a concise summary of the following:\n\n{text}"
REDUCE = "The following is a set of summaries:\n\n{text}\n\nDistill them into a final, consolidated summary."


def main() -> None:
    path, url, model = sys.argv[1:]
    began = time.process_time()
    llm = ChatOllama(model=model, base_url=url)
    map_chain, reduce_chain = (
        ChatPromptTemplate.from_template(words) | llm | StrOutputParser() for words in (MAP, REDUCE)
    )
    # The splitter's own defaults: 4,000 characters, 200 of them shared.
    splitter = RecursiveCharacterTextSplitter()
    pieces = [splitter.split_text(chapter) for chapter in chapters(path)]
    mapped = iter(map_chain.batch([{"text": piece} for group in pieces for piece in group], config=AT_ONCE))
    notes = [[next(mapped) for _ in group] for group in pieces]
    # What was one piece is a summary already.
    joined = [{"text": "\n\n".join(group)} for group in notes if len(group) > 1]
    reduced = iter(reduce_chain.batch(joined, config=AT_ONCE))
    end([next(reduced) if len(group) > 1 else group[0] for group in notes], began)


if __name__ == "__main__":
    main()
