// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Attacks on devices' identities. Each first succeeds against something naive or stock, then fails against ours.

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IERC7913SignatureVerifier} from "@openzeppelin/contracts/interfaces/IERC7913.sol";
import {IManufacturerRegistry} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {MinerRegistry} from "../../../contracts/registry/MinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

/// @dev The registry one writes first: the maker signs a device, whoever brings the signature owns it.
contract NaiveRegistry {
    address public immutable maker;
    mapping(address device => address) public ownerOf;
    mapping(bytes32 signatureHash => bool) public used;

    constructor(address maker_) {
        maker = maker_;
    }

    function enrol(address device, bytes calldata signature) external {
        require(
            ECDSA.recoverCalldata(keccak256(abi.encode(device)), signature) == maker && ownerOf[device] == address(0)
        );
        ownerOf[device] = msg.sender;
    }

    function enrolFromBatch(bytes32 root, address device, bytes32[] calldata proof) external {
        require(
            MerkleProof.verifyCalldata(proof, root, keccak256(abi.encode(device))) && ownerOf[device] == address(0)
        );
        ownerOf[device] = msg.sender;
    }

    function retire(address device) external {
        require(ownerOf[device] == msg.sender);
        delete ownerOf[device];
    }

    function transfer(address device, address to) external {
        require(ownerOf[device] == msg.sender);
        ownerOf[device] = to;
    }

    /// @dev The new key proves that it is there; nobody else is asked.
    function rotate(address device, address newDevice, bytes calldata byNewDevice) external {
        require(ECDSA.recoverCalldata(keccak256(abi.encode(device, newDevice)), byNewDevice) == newDevice);
        ownerOf[newDevice] = msg.sender;
        delete ownerOf[device];
    }

    /// @dev Remembers signatures, as if each message had one.
    function once(bytes32 digest, uint8 v, bytes32 r, bytes32 s) external {
        require(ecrecover(digest, v, r, s) == maker && !used[keccak256(abi.encode(r, s))]);
        used[keccak256(abi.encode(r, s))] = true;
    }

    /// @dev The same with the bare precompile (EIP-7951), which takes either s.
    function onceP256(bytes32 digest, bytes32 r, bytes32 s, uint256 x, uint256 y) external {
        (, bytes memory answer) = address(0x100).staticcall(abi.encode(digest, r, s, x, y));
        require(answer.length == 32 && !used[keccak256(abi.encode(r, s))]);
        used[keccak256(abi.encode(r, s))] = true;
    }
}

/// @dev An ERC-7913 verifier that likes everything.
contract YesVerifier is IERC7913SignatureVerifier {
    function verify(bytes calldata, bytes32, bytes calldata) external pure returns (bytes4) {
        return IERC7913SignatureVerifier.verify.selector;
    }
}

contract EnrolmentAttacks is EnrolmentBase {
    NaiveRegistry private naive;

    function setUp() public override {
        super.setUp();
        naive = new NaiveRegistry(maker);
    }

    function test_attack_enrolment_replay_on_another_chain() public {
        bytes memory naiveSignature = _sign(MAKER_KEY, keccak256(abi.encode(device)));
        I.Enrolment memory e = _enrolment();
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(e));
        uint256 home = block.chainid;
        vm.chainId(home + 1);
        naive.enrol(device, naiveSignature);
        _eq("naive", naive.ownerOf(device), address(this));
        _refuse(miners, e, byMaker, byDevice, _licenceInvalid());
        vm.chainId(home);
        miners.enrol(e, byMaker, byDevice);
    }

    function test_attack_enrolment_replay_on_another_registry() public {
        bytes memory naiveSignature = _sign(MAKER_KEY, keccak256(abi.encode(device)));
        naive.enrol(device, naiveSignature);
        NaiveRegistry secondNaive = new NaiveRegistry(maker);
        secondNaive.enrol(device, naiveSignature);
        _eq("naive", secondNaive.ownerOf(device), address(this));

        MinerRegistry second = _secondRegistry();
        I.Enrolment memory e = _enrolment();
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(e));
        miners.enrol(e, byMaker, byDevice);
        _refuse(second, e, byMaker, byDevice, _licenceInvalid());
    }

    function test_attack_batch_replay_on_another_chain_or_registry() public {
        (I.EnrolmentBatch memory batch, bytes32[][2] memory proofs) = _batchOfTwo(DEVICE_KEY, P256_KEY);
        bytes memory byMaker = _sign(MAKER_KEY, _digest(batch));
        I.BatchClaim memory c = _claim(0, device);
        MinerRegistry second = _secondRegistry();
        vm.expectRevert(_licenceInvalid());
        second.postBatch(batch, byMaker);
        // A maker who posts the same root elsewhere admits none of its devices there: leaves name chain and registry.
        bytes32 elsewhere = second.batchIdOf(batch);
        second.postBatch(batch, _sign(MAKER_KEY, elsewhere));
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(c, elsewhere));
        bytes memory reason = abi.encodeWithSelector(
            I.ProofInvalid.selector,
            elsewhere,
            second.leafOf(batch, 0, device)
        );
        vm.expectRevert(reason);
        second.enrolFromBatch(batch, c, proofs[0], byDevice);
        miners.postBatch(batch, byMaker);
        vm.chainId(block.chainid + 1);
        byDevice = _sign(DEVICE_KEY, _digest(c, _digest(batch)));
        vm.expectRevert(abi.encodeWithSelector(I.BatchNotPosted.selector, _digest(batch)));
        miners.enrolFromBatch(batch, c, proofs[0], byDevice);
    }

    function test_attack_enrolment_replay_twice_and_after_retirement() public {
        bytes memory naiveSignature = _sign(MAKER_KEY, keccak256(abi.encode(device)));
        naive.enrol(device, naiveSignature);
        naive.retire(device);
        // Who finds the scrapped device's message owns its identity.
        vm.prank(STRANGER);
        naive.enrol(device, naiveSignature);
        _eq("naive", naive.ownerOf(device), STRANGER);

        I.Enrolment memory e = _enrolment();
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(e));
        miners.enrol(e, byMaker, byDevice);
        bytes4 refused = I.DeviceStatusRefused.selector;
        _refuse(miners, e, byMaker, byDevice, abi.encodeWithSelector(refused, device, I.DeviceStatus.Active));
        vm.prank(OWNER);
        miners.retire(device, "scrapped");
        _refuse(miners, e, byMaker, byDevice, abi.encodeWithSelector(refused, device, I.DeviceStatus.Retired));
        _eq("retired for good", uint256(_status(device)), uint256(I.DeviceStatus.Retired));
    }

    function test_attack_squatting_by_front_running_an_enrolment() public {
        bytes memory naiveSignature = _sign(MAKER_KEY, keccak256(abi.encode(device)));
        vm.prank(STRANGER);
        naive.enrol(device, naiveSignature);
        _eq("naive", naive.ownerOf(device), STRANGER);

        I.Enrolment memory e = _enrolment();
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(e));
        e.owner = STRANGER;
        _refuse(miners, e, byMaker, byDevice, _licenceInvalid());
        // A maker in league with the squatter lacks the device's word.
        bytes memory byMakerForStranger = _sign(MAKER_KEY, _digest(e));
        (bool passed, ) = address(miners).call(abi.encodeCall(I.enrol, (e, byMakerForStranger, byDevice)));
        _eq("in league", passed, false);
        // Front-running the message itself only saves the owner the gas.
        e.owner = OWNER;
        vm.prank(STRANGER);
        miners.enrol(e, byMaker, byDevice);
        _eq("owner", miners.deviceInfo(device).owner, OWNER);
    }

    function test_attack_squatting_on_a_batchs_public_leaf() public {
        naive.enrolFromBatch(keccak256(abi.encode(device)), device, new bytes32[](0));
        _eq("naive", naive.ownerOf(device), address(this));

        (I.EnrolmentBatch memory batch, bytes32[][2] memory proofs) = _batchOfTwo(DEVICE_KEY, P256_KEY);
        bytes32 batchId = _post(batch);
        I.BatchClaim memory c = _claim(0, device);
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(c, batchId));
        c.owner = STRANGER;
        bytes memory byStranger = _sign(OTHER_KEY, _digest(c, batchId));
        vm.expectRevert(abi.encodeWithSelector(I.DeviceSignatureInvalid.selector, device, vm.addr(OTHER_KEY)));
        miners.enrolFromBatch(batch, c, proofs[0], byStranger);
        (bool passed, bytes memory reason) = address(miners).call(
            abi.encodeCall(I.enrolFromBatch, (batch, c, proofs[0], byDevice))
        );
        _eq("with another owner", passed, false);
        _eq("reason", bytes32(bytes4(reason)), bytes32(I.DeviceSignatureInvalid.selector));
        c.owner = OWNER;
        vm.prank(STRANGER);
        miners.enrolFromBatch(batch, c, proofs[0], byDevice);
        _eq("owner", miners.deviceInfo(device).owner, OWNER);
    }

    function test_attack_rotation_hijack() public {
        naive.enrol(device, _sign(MAKER_KEY, keccak256(abi.encode(device))));
        address thief = vm.addr(OTHER_KEY);
        bytes memory byThief = _sign(OTHER_KEY, keccak256(abi.encode(device, thief)));
        vm.prank(STRANGER);
        naive.rotate(device, thief, byThief);
        _eq("naive", naive.ownerOf(thief), STRANGER);
        _eq("naive victim", naive.ownerOf(device), address(0));

        _enrol(_enrolment());
        I.Rotation memory r = _rotation();
        byThief = _sign(OTHER_KEY, _digest(r));
        bytes memory byMaker = _sign(MAKER_KEY, _digest(r));
        // Even with the maker's word: the owner sends it, or nobody.
        vm.prank(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(I.NotDeviceOwner.selector, device, STRANGER));
        miners.rotate(r, byMaker, byThief);
        // A stolen owner's key lacks the maker's.
        vm.prank(OWNER);
        vm.expectRevert(_licenceInvalid());
        miners.rotate(r, byThief, byThief);
        // And one onto a key that somebody else holds lacks that key's.
        r.newDevice = _addrP256(P256_KEY);
        byMaker = _sign(MAKER_KEY, _digest(r));
        bytes memory byOther = _signP256(7, _digest(r));
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.DeviceSignatureInvalid.selector, r.newDevice, _addrP256(7)));
        miners.rotate(r, byMaker, byOther);
        _eq("still", uint256(_status(device)), uint256(I.DeviceStatus.Active));
    }

    function test_attack_high_s_on_secp256k1() public {
        bytes32 message = keccak256("message");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(MAKER_KEY, message);
        naive.once(message, v, r, s);
        naive.once(message, v ^ 7, r, bytes32(ORDER - uint256(s)));

        I.Enrolment memory e = _enrolment();
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        bytes memory high = _signHighS(DEVICE_KEY, _digest(e));
        _refuse(miners, e, byMaker, high, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, _s(high)));
        high = _signHighS(MAKER_KEY, _digest(e));
        _refuse(miners, e, high, _sign(DEVICE_KEY, _digest(e)), _licenceInvalid());
    }

    function test_attack_high_s_on_p256() public {
        bytes32 message = keccak256("message");
        (bytes32 r, bytes32 s) = _rsP256(P256_KEY, message);
        (uint256 x, uint256 y) = vmP256.publicKeyP256(P256_KEY);
        naive.onceP256(message, r, s, x, y);
        naive.onceP256(message, r, bytes32(P256_ORDER - uint256(s)), x, y);

        I.Enrolment memory e = _enrolment(_addrP256(P256_KEY));
        bytes memory byMaker = _sign(MAKER_KEY, _digest(e));
        bytes memory high = _signP256HighS(P256_KEY, _digest(e));
        _refuse(miners, e, byMaker, high, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, _s(high)));
    }

    function test_attack_always_true_verifier() public {
        YesVerifier yes = new YesVerifier();
        bytes memory signer = abi.encodePacked(yes, "key");
        // Stock: whoever names a verifier is believed, with an empty signature.
        _eq("stock", SignatureChecker.isValidSignatureNow(signer, keccak256("anything"), ""), true);

        vm.prank(maker);
        vm.expectRevert(abi.encodeWithSelector(IManufacturerRegistry.VerifierNotListed.selector, address(yes)));
        manufacturers.setAttestationSigner(licence, signer);

        // Listed by mistake, it does its harm until it is delisted; then it is as if nothing more were signed.
        manufacturers.setVerifier(address(yes), true);
        vm.prank(maker);
        manufacturers.setAttestationSigner(licence, signer);
        (I.EnrolmentBatch memory batch, bytes32[][2] memory proofs) = _batchOfTwo(OTHER_KEY, P256_KEY);
        miners.postBatch(batch, "");
        manufacturers.setVerifier(address(yes), false);

        I.Enrolment memory e = _enrolment();
        bytes memory byDevice = _sign(DEVICE_KEY, _digest(e));
        _refuse(miners, e, "", byDevice, abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, ""));
        I.BatchClaim memory c = _claim(0, vm.addr(OTHER_KEY));
        byDevice = _sign(OTHER_KEY, _digest(c, _digest(batch)));
        vm.expectRevert(abi.encodeWithSelector(I.BatchSignerReplaced.selector, _digest(batch), ""));
        miners.enrolFromBatch(batch, c, proofs[0], byDevice);
        batch.deadline += 1;
        vm.expectRevert(abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, ""));
        miners.postBatch(batch, "");
    }

    function test_attack_dust_devices_pushed_on_somebody() public {
        naive.enrol(device, _sign(MAKER_KEY, keccak256(abi.encode(device))));
        naive.transfer(device, STRANGER);
        _eq("naive", naive.ownerOf(device), STRANGER);

        _enrol(_enrolment());
        vm.prank(OWNER);
        miners.offer(device, STRANGER);
        _eq("offered, not given", miners.deviceInfo(device).owner, OWNER);
    }

    function _secondRegistry() private returns (MinerRegistry) {
        bytes memory data = abi.encodeCall(MinerRegistry.initialize, (address(manager), address(manufacturers)));
        return MinerRegistry(_proxy(address(new MinerRegistry()), data));
    }

    function _licenceInvalid() private view returns (bytes memory) {
        return abi.encodeWithSelector(I.LicenceSignatureInvalid.selector, licence, abi.encodePacked(maker));
    }

    function _refuse(
        MinerRegistry registry,
        I.Enrolment memory e,
        bytes memory byMaker,
        bytes memory byDevice,
        bytes memory reason
    ) private {
        vm.expectRevert(reason);
        registry.enrol(e, byMaker, byDevice);
    }

    function _s(bytes memory signature) private pure returns (bytes32 s) {
        assembly {
            s := mload(add(signature, 64))
        }
    }
}
