// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDecoderRegistry as I} from "../../../contracts/registry/IDecoderRegistry.sol";
import {RegistryBase} from "./RegistryBase.t.sol";

/// @dev Decoders of one author, and the author's consent.
abstract contract DecoderBase is RegistryBase {
    uint256 internal constant AUTHOR_KEY = 0xAB7;
    address internal immutable author = vm.addr(AUTHOR_KEY);

    function _decoder(string memory file) internal view returns (I.Decoder memory) {
        return
            I.Decoder({
                contentHash: sha256(bytes(file)),
                semanticHash: keccak256("meaning"),
                moduleHash: keccak256("module"),
                platform: keccak256("platform"),
                version: 7,
                sizeBytes: 12_345,
                author: author,
                payee: OWNER,
                licence: "Apache-2.0",
                id: "acme/ev-1"
            });
    }

    function _consent(I.Decoder memory d) internal view returns (I.Consent memory) {
        uint256 nonce = decoders.nonceOf(author);
        uint256 deadline = block.timestamp + 20 days;
        return I.Consent(nonce, deadline, _sign(AUTHOR_KEY, decoders.hashConsent(d, nonce, deadline)));
    }

    /// @dev The leaf from its description, not from the registry.
    function _leafOf(bytes32 contentHash, uint256 index) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(contentHash, index))));
    }
}
